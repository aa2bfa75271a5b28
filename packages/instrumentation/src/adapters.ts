export { ADAPTER_NAMES, type RuleAdaptersConfig, ruleAdapters } from './adapters/ruleAdapters';
export type { AdapterConfig, RuleAdapter } from './adapters/RuleAdapter';
export { BullMqAdapter, type BullMqConfig, type BullMqJob } from './adapters/BullMqAdapter';
export { ExpressAdapter, type ExpressConfig } from './adapters/ExpressAdapter';
export { FastifyAdapter, type FastifyConfig } from './adapters/FastifyAdapter';
export type { RouteConfig, RouteRequest } from './adapters/RouteConfig';
export {
  type JsonRule,
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from './adapters/JsonRulesEngineAdapter';
export { NodeRedAdapter, type NodeRedConfig, type NodeRedNode } from './adapters/NodeRedAdapter';
export { PiscinaAdapter, type PiscinaConfig, type PiscinaTask } from './adapters/PiscinaAdapter';
