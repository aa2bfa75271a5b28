import { warnOnce } from '@rulescope/profiler/internal';

/** Warns on stderr (code `RULESCOPE_NO_METER_PROVIDER`). */
export function warnOfNoProvider(): void {
  warnOnce(
    'rulescope: RuleMetrics has had no MeterProvider for a minute, so nothing is sampled. Start an SDK with a ' +
      'metric reader, or call setMeterProvider().',
    'RULESCOPE_NO_METER_PROVIDER',
  );
}
