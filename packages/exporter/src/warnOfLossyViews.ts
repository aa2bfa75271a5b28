import type { Attributes } from '@opentelemetry/api';
import { warnOnce } from '@rulescope/profiler/internal';
import { METRICS, type Metric } from './metrics';
import type { SeriesOptions } from './options';
import { NAME } from './version';

/** Private fields of the MeterProvider in SDK 2 and 3. No public one shows a View. */
interface SdkProvider {
  readonly _sharedState?: {
    readonly viewRegistry?: { findViews(instrument: object, scope: object): readonly SdkView[] };
  };
}
interface SdkView {
  readonly attributesProcessor?: { process(attributes: Attributes): Attributes };
  readonly aggregationCardinalityLimit?: number;
}

/**
 * Warns if a View of `provider` makes one series of several: of these the SDK keeps the last value
 * instead of the sum. That is so where a View drops an attribute of a series, or limits their number.
 * Does nothing if the SDK does not show its Views.
 */
export function warnOfLossyViews(
  provider: object,
  { groups, labels, limits }: Pick<SeriesOptions, 'groups' | 'labels' | 'limits'>,
  warn: (...warning: Parameters<typeof warnOnce>) => void = warnOnce,
): void {
  const attributes = Object.fromEntries(labels.names.map((name) => [name, 'any']));
  // The SDK counts one series less than the limit, and there is one for all other rules.
  const series = limits.maxActiveSeries + 2;
  for (const metric of Object.values(METRICS)) {
    if (metric.group !== 'rule' || !groups.rule) continue;
    for (const { attributesProcessor, aggregationCardinalityLimit } of viewsOf(provider, metric)) {
      const kept = attributesProcessor?.process({ ...attributes }) ?? attributes;
      const dropped = labels.names.find((name) => !Object.hasOwn(kept, name));
      if (dropped !== undefined) return warn(wrong(metric, `drops ${dropped}`), CODE);
      if (aggregationCardinalityLimit !== undefined && aggregationCardinalityLimit < series) {
        const what = `limits its series to ${aggregationCardinalityLimit}, and maxActiveSeries needs ${series}`;
        return warn(wrong(metric, what), CODE);
      }
    }
  }
}

const CODE = 'RULESCOPE_LOSSY_VIEW';

function viewsOf(provider: object, { name, unit, kind }: Metric): readonly SdkView[] {
  const type = kind === 'counter' ? 'OBSERVABLE_COUNTER' : 'OBSERVABLE_GAUGE';
  try {
    const registry = (provider as SdkProvider)._sharedState?.viewRegistry;
    return registry?.findViews({ name, unit, type, description: '' }, { name: NAME }) ?? [];
  } catch {
    return [];
  }
}

function wrong({ name }: Metric, what: string): string {
  return (
    `rulescope: a View of ${name} ${what}. The SDK keeps the last value of series that become one, not ` +
    'their sum, so the figures are wrong. Use the options labels, mapLabel and maxActiveSeries of ' +
    'RuleMetrics instead, or a RuleMetricProducer, to which Views do not apply.'
  );
}
