export { RuleMetricProducer } from '@rulescope/exporter/producer';
export type { MapLabel, MetricGroups, RuleMetricsConfig } from '@rulescope/exporter/producer';
