import { type AdapterConfig, type LibraryFile, RuleAdapter } from './RuleAdapter';

/** A rule of json-rules-engine. */
export interface JsonRule {
  /** `undefined` if the rule was made without a name. The library takes any value for a name. */
  readonly name: unknown;
  readonly event: { readonly type: string; readonly params?: Record<string, unknown> };
}

/** Options of {@link JsonRulesEngineAdapter}. */
export interface JsonRulesEngineConfig extends AdapterConfig {
  /**
   * Returns the rule id of a rule, or `undefined` to leave its work to the rule of the caller.
   * Default: the name of the rule; if it has none, the type of its event.
   */
  readonly ruleOf?: (rule: JsonRule) => string | undefined;
}

/** The class `Rule`. */
interface Rule {
  readonly name?: unknown;
  /** Version 6 has no `event`. */
  readonly ruleEvent: JsonRule['event'];
  evaluate(almanac: unknown): Promise<unknown>;
}

/** The class `Engine`. The last arguments are those of a rule's event. */
interface Engine {
  emitAsync(
    event: string,
    value?: unknown,
    almanac?: unknown,
    ruleResult?: Partial<JsonRule>,
  ): Promise<unknown>;
}

/**
 * Runs each rule of json-rules-engine in a rule of its own name: its facts and operators, also
 * asynchronous ones, and the listeners of its events. A fact that several rules share is computed
 * once, in the rule that asks first.
 */
export class JsonRulesEngineAdapter extends RuleAdapter<JsonRulesEngineConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: JsonRulesEngineConfig = {}) {
    super('json-rules-engine', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    const library = { library: 'json-rules-engine', versions: ['>=6 <8'] };
    const ruleOf = (name: unknown, event: JsonRule['event']): string | undefined =>
      (this._config.ruleOf ?? nameOf)({ name, event });
    return [
      {
        ...library,
        path: 'dist/rule.js',
        patch: (exports: { default: { prototype: Rule } }) =>
          this.wrapRule(exports.default.prototype, 'evaluate', ({ name, ruleEvent }) =>
            ruleOf(name, ruleEvent),
          ),
      },
      {
        ...library,
        path: 'dist/engine.js',
        patch: (exports: { default: { prototype: Engine } }) =>
          this.wrapRule(exports.default.prototype, 'emitAsync', (...[, , , , result]) =>
            result?.event === undefined ? undefined : ruleOf(result.name, result.event),
          ),
      },
    ];
  }
}

function nameOf({ name, event }: JsonRule): string {
  return name === undefined ? event.type : `${name as string}`;
}
