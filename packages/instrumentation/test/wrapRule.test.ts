import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getRule } from '../src/rule';
import { wrapRule } from '../src/wrapRule';
import { cleanGlobals, instrument, register } from './support/globals';

class Engine {
  constructor(readonly name: string) {}

  run(value: number): [Engine, number, string | undefined] {
    return [this, value, getRule()];
  }

  async runLater(): Promise<string | undefined> {
    await Promise.resolve();
    return getRule();
  }
}

describe('wrapRule', () => {
  cleanGlobals();
  const undo: (() => void)[] = [];
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });
  afterEach(() => undo.splice(0).forEach((end) => end()));

  it('runs each call in the rule that ruleOf returns, and passes the call through', async () => {
    undo.push(wrapRule(Engine.prototype, 'run', ({ name }, value) => `${name} ${value}`));
    undo.push(wrapRule(Engine.prototype, 'runLater', ({ name }) => name));
    const engine = new Engine('e');
    assert.deepEqual(engine.run(1), [engine, 1, 'e 1']);
    assert.equal(await engine.runLater(), 'e');
    assert.equal(getRule(), undefined);
  });

  it('leaves a call in the rule of its caller if ruleOf returns undefined or throws', () => {
    undo.push(wrapRule(Engine.prototype, 'run', () => undefined));
    assert.equal(new Engine('e').run(1)[2], undefined);
    const fail = (): string => {
      throw new Error('no name');
    };
    undo.push(wrapRule(Engine.prototype, 'run', fail));
    assert.equal(new Engine('e').run(1)[2], undefined);
  });

  it('keeps the name, the length, the prototype and whether the method is listed', () => {
    const f = (a: number, b: number): number => a + b;
    const target = { f: Object.assign(f, { extra: 1 }) };
    undo.push(wrapRule(target, 'f', () => 'r'));
    undo.push(wrapRule(Engine.prototype, 'run', () => 'r'));
    assert.deepEqual([target.f.name, target.f.length, target.f.extra], ['f', 2, 1]);
    assert.deepEqual([Object.keys(target), Object.keys(Engine.prototype)], [['f'], []]);
    undo.push(wrapRule(Engine.prototype, 'runLater', () => 'r'));
    assert.equal(Engine.prototype.runLater.constructor.name, 'AsyncFunction');
  });

  it('ends when its function is called, and leaves no trace', () => {
    const engine = new Engine('e');
    wrapRule(engine, 'run', () => 'r')();
    assert.equal(Object.hasOwn(engine, 'run'), false);
    const { run } = Engine.prototype;
    wrapRule(Engine.prototype, 'run', () => 'r')();
    assert.equal(Engine.prototype.run, run);
  });

  it('ends under the wrapper of another tool, which stays', () => {
    const { run } = Engine.prototype;
    const end = wrapRule(Engine.prototype, 'run', () => 'r');
    const ours = Engine.prototype.run;
    Engine.prototype.run = function (value) {
      return ours.call(this, value + 1);
    };
    end();
    end();
    assert.deepEqual(new Engine('e').run(1).slice(1), [2, undefined]);
    Engine.prototype.run = run;
  });

  it('names a method that does not exist', () => {
    assert.throws(
      () => wrapRule({} as { f(): void }, 'f', () => 'r'),
      /method must be the name of a method of the target/,
    );
    assert.throws(
      () => wrapRule(new Engine('e'), 'run', 'r' as never),
      /ruleOf must be a function; got "r"/,
    );
  });
});
