export { RuleMetrics } from './RuleMetrics';
export type { RuleMetricsConfig } from './options';
