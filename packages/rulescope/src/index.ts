export {
  RuleInstrumentation,
  bindRule,
  carryRule,
  getRule,
  postWithRule,
  receiveWithRule,
  setRule,
  withCarriedRule,
  withLabels,
  withRule,
} from '@rulescope/instrumentation';
export type {
  EmittingPort,
  RuleCarrying,
  RuleInstrumentationConfig,
  SendingPort,
  TargetPort,
} from '@rulescope/instrumentation';
export { RuleMetrics } from '@rulescope/exporter';
export type { MapLabel, MetricGroups, RuleMetricsConfig } from '@rulescope/exporter';
