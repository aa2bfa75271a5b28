import { type AdapterConfig, type LibraryFile, RuleAdapter } from './RuleAdapter';

/** What this adapter needs to know of a rule of json-rules-engine. */
export interface JsonRule {
  readonly name?: string | undefined;
  readonly ruleEvent?: { readonly type: string };
  evaluate(almanac: unknown): Promise<unknown>;
}

/** Options of {@link JsonRulesEngineAdapter}. */
export interface JsonRulesEngineConfig extends AdapterConfig {
  /**
   * Returns the rule id of a rule, or `undefined` to leave its work to the rule of the caller.
   * Default: the name of the rule; if it has none, the type of its event.
   */
  readonly ruleOf?: (rule: JsonRule) => string | undefined;
}

/**
 * Runs each rule of json-rules-engine in a rule of its own name, with its facts and operators, also
 * asynchronous ones. A fact that several rules share is computed once, in the first of them.
 */
export class JsonRulesEngineAdapter extends RuleAdapter<JsonRulesEngineConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: JsonRulesEngineConfig = {}) {
    super('json-rules-engine', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    const ruleOf = (rule: JsonRule): string | undefined => (this._config.ruleOf ?? nameOf)(rule);
    return [
      {
        library: 'json-rules-engine',
        versions: ['>=6 <8'],
        path: 'dist/rule.js',
        patch: ({ default: Rule }: { default: { prototype: JsonRule } }) =>
          this.wrapRule(Rule.prototype, 'evaluate', ruleOf),
      },
    ];
  }
}

function nameOf({ name, ruleEvent }: JsonRule): string | undefined {
  return name ?? ruleEvent?.type;
}
