import { InvalidOptionError } from '@rulescope/profiler';

/** Configuration of `RuleMetrics`. */
export interface RuleMetricsConfig {
  /** Default true. */
  readonly enabled?: boolean;
  /** Length of a window, milliseconds, 100 to 600,000. Default 5,000. */
  readonly windowMillis?: number;
  /**
   * Time from the start of a window to the start of the next, milliseconds. Default
   * `windowMillis`.
   */
  readonly periodMillis?: number;
  /** Mean time between two samples, microseconds, 500 to 1,000,000. Default 10,101. */
  readonly samplingIntervalMicros?: number;
  /**
   * Removes the bias of V8's sampler against short bursts of work. Default true. The event loop of
   * each sampled thread then blocks SIGPROF while it waits, for the life of the loop. `false`
   * leaves V8's sampler as it is, and no warning says that samples are not fair.
   */
  readonly fairSampling?: boolean;
  /** Rules with a series of their own at a time, 1 to 1,000. Default 100. The others are summed. */
  readonly maxActiveSeries?: number;
  /**
   * Rules with a series of their own in the life of the process, `maxActiveSeries` to 1,900. Default
   * 1,000. An SDK with cumulative temporality repeats each series for ever, and past 2,000 puts
   * all of them in one.
   */
  readonly maxLifetimeSeries?: number;
  /**
   * A rule's series ends after this many windows without a sample, 1 to 100,000. Default 60. A
   * window that a reader ended early counts as a part of one. The series continues when the rule
   * returns.
   */
  readonly retireAfterWindows?: number;
}

/** The limits on series, filled in. */
export interface SeriesLimits {
  readonly maxActiveSeries: number;
  readonly maxLifetimeSeries: number;
  readonly retireAfterWindows: number;
}

const KEYS: readonly (keyof RuleMetricsConfig)[] = [
  'enabled',
  'windowMillis',
  'periodMillis',
  'samplingIntervalMicros',
  'fairSampling',
  'maxActiveSeries',
  'maxLifetimeSeries',
  'retireAfterWindows',
];

/**
 * Fills in the defaults.
 *
 * @throws InvalidOptionError naming the option, its value and what is allowed.
 */
export function resolveSeriesLimits(config: RuleMetricsConfig): SeriesLimits {
  for (const key of Object.keys(config)) {
    if (!(KEYS as readonly string[]).includes(key)) {
      throw new InvalidOptionError(
        `RuleMetricsConfig.${key}`,
        (config as Record<string, unknown>)[key],
        `left out (there are ${KEYS.join(', ')})`,
      );
    }
  }
  const maxActiveSeries = integer('maxActiveSeries', config.maxActiveSeries ?? 100, 1, 1_000);
  return {
    maxActiveSeries,
    maxLifetimeSeries: integer(
      'maxLifetimeSeries',
      config.maxLifetimeSeries ?? Math.max(1_000, maxActiveSeries),
      maxActiveSeries,
      1_900,
    ),
    retireAfterWindows: integer('retireAfterWindows', config.retireAfterWindows ?? 60, 1, 100_000),
  };
}

function integer(option: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(option, value, `an integer from ${min} to ${max}`);
  }
  return value;
}
