import type { CollectorOptions } from '@rulescope/profiler';
import { boolean, integerInRange, knownKeys } from '@rulescope/profiler/internal';

/** Options of `RuleMetrics`. */
export interface RuleMetricsConfig {
  /**
   * Whether to sample as soon as there is a MeterProvider. Default true. With `false` it stays off
   * when it is registered; a call of `enable()` or `setConfig()` turns it on.
   */
  readonly enabled?: boolean;
  /** Length of a window, milliseconds, 100 to 600,000. Default 5,000. */
  readonly windowMillis?: number;
  /**
   * Time from the start of a window to the start of the next, milliseconds, `windowMillis` to
   * 3,600,000. Default `windowMillis`. With a longer period sampling rests between windows.
   */
  readonly periodMillis?: number;
  /** Mean time between two samples, microseconds, 500 to 1,000,000. Default 10,101. */
  readonly samplingIntervalMicros?: number;
  /**
   * Remove the bias of V8's sampler against short bursts of work. Default true. The event loop of
   * each sampled thread then blocks SIGPROF while it waits, for the life of the loop. `false`
   * leaves V8's sampler as it is, and no warning says that samples are not fair.
   */
  readonly fairSampling?: boolean;
  /**
   * Give at most this many rules a series at a time, 1 to 1,000. Default 100. All other rules share
   * one series.
   */
  readonly maxActiveSeries?: number;
  /**
   * Give at most this many rules a series in the life of the process, `maxActiveSeries` to 1,900.
   * Default 1,000. An SDK with cumulative temporality repeats each series forever, and puts all
   * series beyond 2,000 into one.
   */
  readonly maxLifetimeSeries?: number;
  /**
   * Drop a rule's series after this many windows without a sample, 1 to 100,000. Default 60. A
   * window that a reader ended early counts as a part of one. The series continues when the rule
   * returns.
   */
  readonly retireAfterWindows?: number;
}

/** The limits on series, with the defaults filled in. */
export interface SeriesLimits {
  readonly maxActiveSeries: number;
  readonly maxLifetimeSeries: number;
  readonly retireAfterWindows: number;
}

const COLLECTOR_KEYS = [
  'windowMillis',
  'periodMillis',
  'samplingIntervalMicros',
  'fairSampling',
] as const;
const KEYS: readonly string[] = [
  'enabled',
  ...COLLECTOR_KEYS,
  'maxActiveSeries',
  'maxLifetimeSeries',
  'retireAfterWindows',
];

/**
 * Returns the limits on series, with the defaults filled in. Also checks `enabled` and the names of
 * all options. The collector checks its own options.
 *
 * @throws InvalidOptionError that names the option, its value and what is allowed.
 */
export function resolveSeriesLimits(config: RuleMetricsConfig): SeriesLimits {
  knownKeys('RuleMetricsConfig', config, KEYS);
  if (config.enabled !== undefined) boolean('enabled', config.enabled);
  const maxActiveSeries = integerInRange(
    'maxActiveSeries',
    config.maxActiveSeries ?? 100,
    1,
    1_000,
  );
  return {
    maxActiveSeries,
    maxLifetimeSeries: integerInRange(
      'maxLifetimeSeries',
      config.maxLifetimeSeries ?? Math.max(1_000, maxActiveSeries),
      maxActiveSeries,
      1_900,
    ),
    retireAfterWindows: integerInRange(
      'retireAfterWindows',
      config.retireAfterWindows ?? 60,
      1,
      100_000,
    ),
  };
}

/** Returns the options that `config` sets for the collector. */
export function collectorOptionsOf(config: RuleMetricsConfig): CollectorOptions {
  const given = COLLECTOR_KEYS.filter((key) => config[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, config[key]]));
}
