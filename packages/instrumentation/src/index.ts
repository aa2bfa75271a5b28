export { getRule, setRule, withRule, bindRule } from './rule';
export { RuleInstrumentation } from './RuleInstrumentation';
export type { RuleInstrumentationConfig } from './RuleInstrumentation';
export { carryRule, withCarriedRule } from './carryRule';
export type { RuleCarrying } from './carryRule';
export { postWithRule, receiveWithRule } from './postWithRule';
export type { EmittingPort, SendingPort, TargetPort } from './postWithRule';
