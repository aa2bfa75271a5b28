export {
  RuleInstrumentation,
  RuleSpanProcessor,
  bindRule,
  carryRule,
  detach,
  getRule,
  postWithRule,
  receiveWithRule,
  setRule,
  shareRule,
  withCarriedRule,
  withLabels,
  withRule,
  wrapRule,
} from '@rulescope/instrumentation';
export type {
  EmittingPort,
  IncomingRule,
  RuleCarrying,
  RuleInstrumentationConfig,
  RuleOf,
  SendingPort,
  StartedSpan,
  TargetPort,
} from '@rulescope/instrumentation';
export { RuleMetrics } from '@rulescope/exporter';
export type { MapLabel, MetricGroups, RuleMetricsConfig } from '@rulescope/exporter';
