export { getRule, setRule, withRule, bindRule } from './rule';
export { RuleInstrumentation } from './RuleInstrumentation';
export type { RuleInstrumentationConfig } from './RuleInstrumentation';
