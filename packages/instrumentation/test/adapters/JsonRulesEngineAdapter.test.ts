import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  type JsonRule,
  JsonRulesEngineAdapter,
  type JsonRulesEngineConfig,
} from '../../src/adapters/JsonRulesEngineAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

const EVENT = { type: 'reached', params: { limit: 1 } };

describe('JsonRulesEngineAdapter', () => {
  cleanGlobals();
  beforeEach(() => register(new AsyncLocalStorageContextManager()));

  /**
   * Returns the rule in which a rule of that name is evaluated and its listeners are called. The
   * engine runs in a rule.
   */
  function rulesOf(adapter: JsonRulesEngineAdapter, name?: unknown): (string | undefined)[] {
    class Rule {
      readonly ruleEvent = EVENT;
      constructor(readonly name: unknown) {}
      evaluate(): string | undefined {
        return getRule();
      }
    }
    class Engine {
      emitAsync(..._args: unknown[]): string | undefined {
        return getRule();
      }
    }
    patchFile(adapter, 'dist/rule.js', { default: Rule });
    patchFile(adapter, 'dist/engine.js', { default: Engine });
    return withRule('caller', () => [
      new Rule(name).evaluate(),
      new Engine().emitAsync('success', EVENT, {}, { name, event: EVENT }),
    ]);
  }
  const withConfig = (config: JsonRulesEngineConfig, name?: unknown): (string | undefined)[] =>
    rulesOf(new JsonRulesEngineAdapter(config), name);

  it('takes the name of the rule, or else the type of its event', () => {
    assert.deepEqual(withConfig({}, 'a'), ['a', 'a']);
    assert.deepEqual(withConfig({}), ['reached', 'reached']);
    assert.deepEqual(withConfig({}, 0), ['0', '0']);
  });

  it('takes what ruleOf returns for the name and the event', () => {
    const seen: JsonRule[] = [];
    const ruleOf = (rule: JsonRule): string | undefined => {
      seen.push(rule);
      return rule.name === 'none' ? undefined : 'mine';
    };
    assert.deepEqual(withConfig({ ruleOf }, 'a'), ['mine', 'mine']);
    assert.deepEqual(withConfig({ ruleOf }, 'none'), ['caller', 'caller']);
    assert.deepEqual(seen[0], { name: 'a', event: EVENT });
    assert.deepEqual(seen[1], seen[0]);
  });

  it('leaves events of other kinds in the rule of their caller', () => {
    const engine = { emitAsync: (..._args: unknown[]) => getRule() };
    patchFile(new JsonRulesEngineAdapter(), 'dist/engine.js', { default: { prototype: engine } });
    withRule('caller', () => {
      assert.equal(engine.emitAsync('mine'), 'caller');
      assert.equal(engine.emitAsync('mine', 1, null, null), 'caller');
    });
  });

  it('does nothing while it is off', () => {
    assert.deepEqual(withConfig({ enabled: false }, 'a'), ['caller', 'caller']);
    const adapter = new JsonRulesEngineAdapter();
    adapter.disable();
    assert.deepEqual(rulesOf(adapter, 'a'), ['caller', 'caller']);
    adapter.enable();
    assert.deepEqual(rulesOf(adapter, 'a'), ['a', 'a']);
  });

  it('names an option that it does not know or take', () => {
    assert.throws(() => withConfig({ ruleOf: 'name' } as never), /ruleOf must be a function/);
    assert.throws(() => withConfig({ rule: 'name' } as never), /rule/);
  });
});
