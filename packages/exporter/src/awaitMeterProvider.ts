import type { MeterProvider } from '@opentelemetry/api';
import { warnOnce } from '@rulescope/profiler/internal';

/** Calls `fn` once after `millis` without keeping the process alive. Returns what cancels it. */
export type After = (millis: number, fn: () => void) => () => void;

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

const CHECK_MILLIS = 1_000;
const CHECKS_BEFORE_WARNING = 60;

/**
 * Looks once a second for a MeterProvider that is registered with the API, and calls `use` with each
 * new one until it returns true. Warns on stderr (code `RULESCOPE_NO_METER_PROVIDER`) if there is
 * none after a minute, and goes on. Does not warn if `OTEL_SDK_DISABLED` is true.
 *
 * @returns A function that ends the search.
 */
export function awaitMeterProvider(
  after: After,
  use: (provider: MeterProvider) => boolean,
): () => void {
  let checks = 0;
  let tried: MeterProvider | undefined;
  const check = (): void => {
    const provider = registeredProvider();
    if (provider !== tried) {
      tried = provider;
      if (provider !== undefined && use(provider)) return;
    }
    if (++checks === CHECKS_BEFORE_WARNING) warn();
    cancel = after(CHECK_MILLIS, check);
  };
  let cancel = after(CHECK_MILLIS, check);
  return () => cancel();
}

function registeredProvider(): MeterProvider | undefined {
  return (globalThis as { [API]?: { metrics?: MeterProvider } })[API]?.metrics;
}

function warn(): void {
  // The user has turned the SDK off.
  if (process.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return;
  warnOnce(
    'rulescope: RuleMetrics has had no MeterProvider for a minute, so nothing is sampled. Start an SDK with a ' +
      'metric reader, or call setMeterProvider(). If an earlier SDK was shut down, call ' +
      'metrics.disable() of @opentelemetry/api before you start the next one.',
    'RULESCOPE_NO_METER_PROVIDER',
  );
}
