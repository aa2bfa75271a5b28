export {
  RuleInstrumentation,
  bindRule,
  getRule,
  setRule,
  withRule,
} from '@rulescope/instrumentation';
export type { RuleInstrumentationConfig } from '@rulescope/instrumentation';
export { RuleMetrics } from '@rulescope/exporter';
export type { RuleMetricsConfig } from '@rulescope/exporter';
