export { ADAPTER_NAMES, type RuleAdaptersConfig, ruleAdapters } from './adapters/ruleAdapters';
export { type AdapterConfig, RuleAdapter } from './adapters/RuleAdapter';
export { AmqplibAdapter, type AmqplibConfig, type AmqpMessage } from './adapters/AmqplibAdapter';
export { IoredisAdapter } from './adapters/IoredisAdapter';
export {
  type JsonRule,
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from './adapters/JsonRulesEngineAdapter';
export { Mysql2Adapter } from './adapters/Mysql2Adapter';
export { PgAdapter } from './adapters/PgAdapter';
export { RedisAdapter } from './adapters/RedisAdapter';
