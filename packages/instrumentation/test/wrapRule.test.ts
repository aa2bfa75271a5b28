import assert from 'node:assert/strict';
import { promisify } from 'node:util';
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

  it('runs each step of a generator in the rule, sync and async', async () => {
    const target = {
      *sync(): Generator<string | undefined, void, unknown> {
        yield getRule();
        yield getRule();
      },
      async *async(): AsyncGenerator<string | undefined, void, unknown> {
        yield getRule();
        await Promise.resolve();
        yield getRule();
      },
    };
    wrapRule(target, 'sync', () => 'r');
    wrapRule(target, 'async', () => 'r');
    assert.deepEqual([...target.sync()], ['r', 'r']);
    const found = [];
    for await (const rule of target.async()) found.push(rule, getRule());
    assert.deepEqual(found, ['r', undefined, 'r', undefined]);
  });

  it('runs a constructor in the rule, also from a subclass', () => {
    const library = {
      Job: class Job {
        static readonly limit = 1;
        readonly rule = getRule();
        constructor(readonly id: string) {}
      },
    };
    const { Job } = library;
    const ended = wrapRule(library, 'Job', (self, id) => (self === library ? id : 'self'));
    class Subclass extends library.Job {}
    const created = [new library.Job('a'), new Subclass('b')];
    assert.deepEqual(
      created.map(({ rule }) => rule),
      ['a', 'b'],
    );
    assert.ok(created[0] instanceof Job && created[0] instanceof library.Job);
    assert.ok(created[1] instanceof Subclass && created[1] instanceof Job);
    assert.deepEqual([library.Job.name, library.Job.length, library.Job.limit], ['Job', 1, 1]);
    ended();
    assert.equal(library.Job, Job);
  });

  it('takes symbols, static methods and fields of an instance', () => {
    const key = Symbol('run');
    class Library {
      static start = (): string | undefined => getRule();
      [key](): string | undefined {
        return getRule();
      }
      field = (): string | undefined => getRule();
    }
    const library = new Library();
    undo.push(wrapRule(Library, 'start', () => 'static'));
    undo.push(wrapRule(Library.prototype, key, () => 'symbol'));
    undo.push(wrapRule(library, 'field', () => 'field'));
    const found = [Library.start(), library[key](), library.field(), new Library().field()];
    assert.deepEqual(found, ['static', 'symbol', 'field', undefined]);
  });

  it('replaces a method that is writable but not configurable, and keeps it so', () => {
    const f = (): string | undefined => getRule();
    const target = Object.seal({ f });
    const ended = wrapRule(target, 'f', () => 'r');
    assert.equal(target.f(), 'r');
    ended();
    const sealed = { configurable: false, enumerable: true, writable: true, value: f };
    assert.deepEqual(Object.getOwnPropertyDescriptor(target, 'f'), sealed);
  });

  it('names a target or a method that it cannot replace', () => {
    const run = (): void => undefined;
    const getter = {
      get run(): () => void {
        throw new Error('needs an instance');
      },
    };
    const wrap = (target: object | undefined, method = 'run') =>
      wrapRule(target as { run(): void }, method as 'run', () => 'r');
    const noMethod = /method must be the name of a method of the target; got "run"/;
    assert.throws(() => wrap({}), noMethod);
    assert.throws(() => wrap({ run: 1 }), noMethod);
    assert.throws(() => wrap(getter), noMethod);
    assert.throws(() => wrap(undefined), /target must be an object; got undefined/);
    const fixed = /target must be an object whose methods can be replaced; got an object/;
    assert.throws(() => wrap(Object.freeze({ run })), fixed);
    assert.throws(() => wrap(Object.preventExtensions(Object.create({ run }) as object)), fixed);
    assert.throws(
      () => wrapRule({ run }, 'run', 'r' as never),
      /ruleOf must be a function; got "r"/,
    );
  });

  it('runs what promisify returns in the rule too', async () => {
    const rules: unknown[] = [];
    const custom = async (value: number): Promise<number> => {
      await Promise.resolve();
      rules.push(getRule());
      return value;
    };
    const work = Object.assign((_value: number): void => undefined, { [promisify.custom]: custom });
    const target = { work };
    undo.push(wrapRule(target, 'work', (_, value) => `r${value}`));
    const promisified = promisify(target.work);
    assert.equal(await promisified(1), 1);
    assert.deepEqual(rules, ['r1']);
  });
});
