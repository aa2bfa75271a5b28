import type { Attributes } from '@opentelemetry/api';
import { warnOnce } from '@rulescope/profiler/internal';
import type { MetricGroup } from './groups';
import { METRICS, type Metric } from './metrics';
import { FUNCTIONS_IN_LIFE, type SeriesOptions } from './options';
import {
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_CODE_LINE_NUMBER,
  ATTR_CPU_SOURCE,
} from './semconv';
import { NAME } from './version';

/** Private fields of the MeterProvider in SDK 2 and 3. No public one shows a View. */
interface SdkProvider {
  readonly _sharedState?: {
    readonly viewRegistry?: { findViews(instrument: object, scope: object): readonly SdkView[] };
    /** One for each reader. */
    readonly metricCollectors?: readonly { selectCardinalityLimit?(type: string): number }[];
  };
}
interface SdkView {
  readonly attributesProcessor?: { process(attributes: Attributes): Attributes };
  readonly aggregationCardinalityLimit?: number;
}

/** What the series of a group of metrics need. */
interface Needs {
  readonly attributes: readonly string[];
  /** Lowest limit that loses no series. An SDK counts one series less than its limit. */
  readonly limit: number;
  readonly option: string;
}

/** CPU sources of the ledger. */
const SOURCES = 5;
const FUNCTION = [ATTR_CODE_FUNCTION_NAME, ATTR_CODE_FILE_PATH, ATTR_CODE_LINE_NUMBER];
const CODE = 'RULESCOPE_LOSSY_VIEW';

/**
 * Warns if a View of `provider` makes one series of several: of these the SDK keeps the last value
 * instead of the sum. That is so where a View drops an attribute of a series, or a View or a reader
 * limits their number. Does nothing if the SDK does not show its Views and readers.
 */
export function warnOfLossyViews(
  provider: object,
  options: SeriesOptions,
  warn: (...warning: Parameters<typeof warnOnce>) => void = warnOnce,
): void {
  const needs = needsOf(options);
  for (const metric of Object.values(METRICS)) {
    const needed = needs[metric.group];
    if (needed === undefined || !options.groups[metric.group]) continue;
    const loss = lossOf(provider, metric, needed);
    if (loss !== undefined) return warn(wrong(loss), CODE);
  }
}

function needsOf(options: SeriesOptions): Partial<Record<MetricGroup, Needs>> {
  const { labels, limits, functionsPerRule, maxFunctionSeries } = options;
  const functions = FUNCTIONS_IN_LIFE * functionsPerRule * limits.maxLifetimeSeries;
  return {
    // One series is that of all other rules.
    rule: { attributes: labels.names, limit: limits.maxLifetimeSeries + 2, option: 'maxLifetimeSeries' }, // prettier-ignore
    functions: {
      attributes: [...labels.names, ...FUNCTION],
      limit: Math.min(functions, maxFunctionSeries) + 1,
      option: 'functionsPerRule',
    },
    process: { attributes: [ATTR_CPU_SOURCE], limit: SOURCES + 1, option: 'the ledger' },
  };
}

/** Returns what makes one series of several, if anything does. */
function lossOf(
  provider: object,
  { name, unit, kind }: Metric,
  { attributes, limit, option }: Needs,
): string | undefined {
  const type = kind === 'counter' ? 'OBSERVABLE_COUNTER' : 'OBSERVABLE_GAUGE';
  const tooLow = (who: string, limited?: number): string | undefined =>
    limited !== undefined && limited < limit
      ? `${who} limits the series of ${name} to ${limited}, and ${option} needs ${limit}`
      : undefined;
  const all = Object.fromEntries(attributes.map((attribute) => [attribute, 'any']));
  try {
    const { viewRegistry, metricCollectors = [] } = (provider as SdkProvider)._sharedState ?? {};
    const instrument = { name, unit, type, description: '' };
    const views = viewRegistry?.findViews(instrument, { name: NAME }) ?? [];
    for (const { attributesProcessor, aggregationCardinalityLimit } of views) {
      const kept = attributesProcessor?.process({ ...all }) ?? all;
      const dropped = attributes.find((attribute) => !Object.hasOwn(kept, attribute));
      if (dropped !== undefined) return `a View of ${name} drops ${dropped}`;
      const loss = tooLow('a View', aggregationCardinalityLimit);
      if (loss !== undefined) return loss;
    }
    if (views.length > 0) return undefined;
    const limits = metricCollectors.map((reader) => reader.selectCardinalityLimit?.(type));
    return tooLow('a reader', Math.min(...limits.map((value) => value ?? Infinity)));
  } catch {
    return undefined;
  }
}

function wrong(loss: string): string {
  return (
    `rulescope: ${loss}. The SDK keeps the last value of series that become one, not their sum, so the ` +
    'figures are wrong. Use the options labels, mapLabel and maxLifetimeSeries of RuleMetrics instead, ' +
    'or a RuleMetricProducer, to which neither Views nor limits of readers apply.'
  );
}
