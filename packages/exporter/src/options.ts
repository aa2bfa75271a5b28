import type { CollectorOptions } from '@rulescope/profiler';
import { boolean, functionOption, integerInRange, knownKeys } from '@rulescope/profiler/internal';
import { type MapLabel, SeriesLabels } from './SeriesLabels';
import { type MetricGroups, resolveGroups } from './groups';
import { labelKeys } from './labelOptions';

/** Options of `RuleMetrics` and of `RuleMetricProducer`. */
export interface RuleMetricsConfig {
  /**
   * Whether to sample: `RuleMetrics` as soon as there is a MeterProvider, `RuleMetricProducer` from
   * its construction. Default true. With `false` both stay off until a call of `enable()`, or of
   * `setConfig()` of `RuleMetrics`.
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
   * Keys of the labels that make a series, 1 to 8. Each begins with a letter from A to Z. Default
   * `['rule']`. With `['rule', 'tenant']` each combination of a rule and a tenant has a series. The
   * attribute of the key `rule` is `rulescope.rule.id`; that of any other key is the key. Use
   * `withLabels` to set labels.
   */
  readonly labels?: readonly string[];
  /**
   * Returns what is exported for the label value `value` of `key`. Series that become equal are one.
   * `undefined` or `''` leaves the attribute out. CPU whose labels are all left out counts for the
   * other rules. Must return the same for the same arguments. Default: the value itself.
   */
  readonly mapLabel?: MapLabel;
  /** Groups of metrics, on or off. Default: all but `functions`. */
  readonly metrics?: MetricGroups;
  /** Hottest functions of each rule that have a series at a time, 1 to 50. Default 5. */
  readonly functionsPerRule?: number;
  /**
   * Give at most this many rules a series at a time, 1 to 1,000 (`RuleMetricProducer`: 100,000).
   * Default 100. All other rules share one series.
   */
  readonly maxActiveSeries?: number;
  /**
   * Give at most this many rules a series in the life of the process, `maxActiveSeries` to 1,900.
   * Default 1,000. An SDK with cumulative temporality repeats each series forever, and puts all
   * series beyond 2,000 into one. `RuleMetricProducer`, whose series vanish, remembers this many
   * rules, up to 200,000, so that the series of a rule that returns continues.
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

/** All options but those of the collector, with the defaults filled in. */
export interface SeriesOptions {
  readonly limits: SeriesLimits;
  readonly labels: SeriesLabels;
  readonly groups: Required<MetricGroups>;
  readonly functionsPerRule: number;
  /** Functions of all rules together that have a series in the life of the process. */
  readonly maxFunctionSeries: number;
}

/** The largest values of the limits. */
interface Ceilings {
  readonly active: number;
  readonly lifetime: number;
}

/** An SDK puts all series of an instrument beyond 2,000 into one. */
const OF_INSTRUMENTS: Ceilings = { active: 1_000, lifetime: 1_900 };
/** `npm run bench:export` shows that costs grow no faster than the number of series up to here. */
export const OF_PRODUCER: Ceilings = { active: 100_000, lifetime: 200_000 };

/** A rule may have this many times as many functions in its life as at a time. */
export const FUNCTIONS_IN_LIFE = 2;

const COLLECTOR_KEYS = [
  'windowMillis',
  'periodMillis',
  'samplingIntervalMicros',
  'fairSampling',
] as const;
const KEYS: readonly string[] = [
  'enabled',
  ...COLLECTOR_KEYS,
  'labels',
  'mapLabel',
  'metrics',
  'functionsPerRule',
  'maxActiveSeries',
  'maxLifetimeSeries',
  'retireAfterWindows',
];

/**
 * Returns the options with the defaults filled in. Also checks `enabled` and the names of all
 * options. The collector checks its own options.
 *
 * @throws InvalidOptionError that names the option, its value and what is allowed.
 */
export function resolveSeriesOptions(
  config: RuleMetricsConfig,
  ceilings = OF_INSTRUMENTS,
): SeriesOptions {
  knownKeys('RuleMetricsConfig', config, KEYS);
  const { enabled, labels, mapLabel, metrics, functionsPerRule = 5 } = config;
  if (enabled !== undefined) boolean('enabled', enabled);
  if (mapLabel !== undefined) functionOption('mapLabel', mapLabel);
  return {
    limits: resolveLimits(config, ceilings),
    labels: new SeriesLabels(labels === undefined ? labels : labelKeys('labels', labels), mapLabel),
    groups: resolveGroups('metrics', metrics),
    functionsPerRule: integerInRange('functionsPerRule', functionsPerRule, 1, 50),
    maxFunctionSeries: ceilings.lifetime,
  };
}

function resolveLimits(
  {
    maxActiveSeries: active = 100,
    maxLifetimeSeries: lifetime,
    retireAfterWindows = 60,
  }: RuleMetricsConfig,
  ceilings: Ceilings,
): SeriesLimits {
  return {
    maxActiveSeries: integerInRange('maxActiveSeries', active, 1, ceilings.active),
    maxLifetimeSeries: integerInRange(
      'maxLifetimeSeries',
      lifetime ?? Math.max(1_000, active),
      active,
      ceilings.lifetime,
    ),
    retireAfterWindows: integerInRange('retireAfterWindows', retireAfterWindows, 1, 100_000),
  };
}

/** Returns the options that `config` sets for the collector. */
export function collectorOptionsOf(config: RuleMetricsConfig): CollectorOptions {
  const given = COLLECTOR_KEYS.filter((key) => config[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, config[key]]));
}
