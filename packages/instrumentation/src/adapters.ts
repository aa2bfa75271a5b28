export type { AdapterConfig } from './adapters/RuleAdapter';
export {
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from './adapters/JsonRulesEngineAdapter';
