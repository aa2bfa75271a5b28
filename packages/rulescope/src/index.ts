export {
  RuleInstrumentation,
  bindRule,
  carryRule,
  getRule,
  postWithRule,
  receiveWithRule,
  setRule,
  withCarriedRule,
  withRule,
} from '@rulescope/instrumentation';
export type {
  ReceivingPort,
  RuleCarrying,
  RuleInstrumentationConfig,
  SendingPort,
} from '@rulescope/instrumentation';
export { RuleMetrics } from '@rulescope/exporter';
export type { RuleMetricsConfig } from '@rulescope/exporter';
