import { warnOnce } from '@rulescope/profiler/internal';

/** Readers collect more often than this, milliseconds of sampling. */
const PATIENCE_MILLIS = 300_000;

/**
 * Warns if windows are measured for five minutes before the first collection: there is no reader
 * then, or only one that nobody pulls. Time is the length of the windows, so it needs no
 * timer, and a short process does not warn.
 */
export class MissingReader {
  private measuredMillis = 0;
  private decided = false;

  constructor(private readonly warn = warnOfNoReader) {}

  /** Records that a reader collects. */
  collected(): void {
    this.decided = true;
  }

  /** Records a window of our own thread. */
  measured(millis: number): void {
    this.measuredMillis += millis;
    if (this.decided || this.measuredMillis < PATIENCE_MILLIS) return;
    this.decided = true;
    this.warn();
  }
}

/** Warns on stderr (code `RULESCOPE_NO_READER`) that nobody reads a `RuleMetricProducer`. */
export function warnOfNoProducerReader(): void {
  warnOnce(
    'rulescope: no metric reader has collected what RuleMetricProducer measures, so nobody gets the figures. ' +
      'List it in the option metricProducers of a metric reader, such as PeriodicExportingMetricReader. A reader ' +
      'that is pulled, such as PrometheusExporter, looks the same until somebody scrapes it, and so does one ' +
      'that exports less often than every five minutes.',
    'RULESCOPE_NO_READER',
  );
}

/** Warns on stderr (code `RULESCOPE_NO_READER`) that nobody reads `RuleMetrics`. */
export function warnOfNoReader(): void {
  warnOnce(
    'rulescope: no metric reader has collected what RuleMetrics measures, so nobody gets the figures. Give the ' +
      'MeterProvider a reader: the option metricReaders of a NodeSDK, or readers of a MeterProvider. A reader ' +
      'that is pulled, such as PrometheusExporter, looks the same until somebody scrapes it, and so does one ' +
      'that exports less often than every five minutes. If the SDK was shut down, call metrics.disable() of ' +
      '@opentelemetry/api before you start the next one.',
    'RULESCOPE_NO_READER',
  );
}
