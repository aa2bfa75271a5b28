export { RuleMetricProducer } from './RuleMetricProducer';
export type { MetricGroups } from './groups';
export type { RuleMetricsConfig } from './options';
export type { MapLabel } from './SeriesLabels';
