export { bindRule, getRule, setRule, withRule } from './rule';
export { shareRule } from './shareRule';
export { withLabels } from './withLabels';
export { detach } from './detach';
export { type RuleOf, wrapRule } from './wrapRule';
export { RuleInstrumentation, type RuleInstrumentationConfig } from './RuleInstrumentation';
export type { IncomingRule } from './signals';
export { RuleSpanProcessor, type StartedSpan } from './RuleSpanProcessor';
export { carryRule, withCarriedRule, type RuleCarrying } from './carryRule';
export {
  postWithRule,
  receiveWithRule,
  type EmittingPort,
  type SendingPort,
  type TargetPort,
} from './postWithRule';
