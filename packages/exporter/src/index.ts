export { RuleMetrics } from './RuleMetrics';
export type { RuleMetricsConfig } from './options';
export type { MetricGroups } from './groups';
export type { MapLabel } from './SeriesLabels';
