export { ADAPTER_NAMES, type RuleAdaptersConfig, ruleAdapters } from './adapters/ruleAdapters';
export type { AdapterConfig, RuleAdapter } from './adapters/RuleAdapter';
export { BullMqAdapter, type BullMqConfig, type BullMqJob } from './adapters/BullMqAdapter';
export {
  type JsonRule,
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from './adapters/JsonRulesEngineAdapter';
export { NodeRedAdapter, type NodeRedConfig, type NodeRedNode } from './adapters/NodeRedAdapter';
export { PiscinaAdapter, type PiscinaConfig, type PiscinaTask } from './adapters/PiscinaAdapter';
