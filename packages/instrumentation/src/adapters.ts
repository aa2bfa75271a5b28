export { ADAPTER_NAMES, type RuleAdaptersConfig, ruleAdapters } from './adapters/ruleAdapters';
export type { AdapterConfig, RuleAdapter } from './adapters/RuleAdapter';
export type { RouteConfig, RouteRequest } from './adapters/RouteConfig';
export { AmqplibAdapter, type AmqplibConfig, type AmqpMessage } from './adapters/AmqplibAdapter';
export { BullMqAdapter, type BullMqConfig, type BullMqJob } from './adapters/BullMqAdapter';
export { ExpressAdapter, type ExpressConfig } from './adapters/ExpressAdapter';
export { FastifyAdapter, type FastifyConfig } from './adapters/FastifyAdapter';
export { IoredisAdapter } from './adapters/IoredisAdapter';
export {
  type JsonRule,
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from './adapters/JsonRulesEngineAdapter';
export { Mysql2Adapter } from './adapters/Mysql2Adapter';
export { NodeRedAdapter, type NodeRedConfig, type NodeRedNode } from './adapters/NodeRedAdapter';
export { PgAdapter } from './adapters/PgAdapter';
export { PiscinaAdapter, type PiscinaConfig, type PiscinaTask } from './adapters/PiscinaAdapter';
export { RedisAdapter } from './adapters/RedisAdapter';
