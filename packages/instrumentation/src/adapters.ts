export { ADAPTER_NAMES, type RuleAdaptersConfig, ruleAdapters } from './adapters/ruleAdapters';
export { type AdapterConfig, RuleAdapter } from './adapters/RuleAdapter';
export { IoredisAdapter } from './adapters/IoredisAdapter';
export {
  type JsonRule,
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from './adapters/JsonRulesEngineAdapter';
export { PgAdapter } from './adapters/PgAdapter';
