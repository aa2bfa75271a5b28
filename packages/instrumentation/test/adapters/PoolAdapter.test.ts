import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Askers, bindContext } from '../../src/adapters/Askers';
import { PoolAdapter } from '../../src/adapters/PoolAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, instrument, register } from '../support/globals';

class TestAdapter extends PoolAdapter {
  constructor() {
    super('test', {}, []);
  }
  protected override files(): [] {
    return [];
  }
  override around = super.around;
  override bindListeners = super.bindListeners;
  override readonly askers = new Askers();
}

class Emitter extends EventEmitter {}

describe('PoolAdapter', () => {
  cleanGlobals();
  let adapter: TestAdapter;
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
    adapter = new TestAdapter();
  });
  afterEach(() => adapter.disable());

  it('only calls the original while it is off', () => {
    const target = { f: (x: number): number => x };
    adapter.around(target, 'f', (_, [x], call) => Number(call(x)) + 1);
    assert.equal(target.f(1), 2);
    adapter.disable();
    assert.equal(target.f(1), 1);
    adapter.enable();
    assert.equal(target.f(1), 2);
  });

  it('warns of a method that the library does not have', async () => {
    const warned = once(process, 'warning') as Promise<[{ code: string; message: string }]>;
    adapter.around({}, 'missing', () => assert.fail());
    const [{ code, message }] = await warned;
    assert.equal(code, 'RULESCOPE_ADAPTER');
    assert.match(message, /instrumentation\/test does not know .* no method missing/);
  });

  it('runs listeners in the rule that added them, as often and in the order of the emitter', () => {
    const { prototype } = Emitter;
    adapter.bindListeners(prototype, 'message');
    const emitter = new Emitter();
    const seen: string[] = [];
    const add = (method: 'on' | 'once' | 'prependListener' | 'prependOnceListener') =>
      withRule(method, () =>
        emitter[method]('message', (text) => seen.push(`${text} ${method} ${getRule()}`)),
      );
    add('on');
    add('once');
    add('prependListener');
    add('prependOnceListener');
    emitter.emit('message', 1);
    emitter.emit('message', 2);
    assert.deepEqual(seen, [
      '1 prependOnceListener prependOnceListener',
      '1 prependListener prependListener',
      '1 on on',
      '1 once once',
      '2 prependListener prependListener',
      '2 on on',
    ]);
  });

  it('does not bind listeners of other events', () => {
    adapter.bindListeners(Emitter.prototype, 'message');
    const emitter = new Emitter();
    withRule('a', () => emitter.on('other', () => assert.equal(getRule(), 'b')));
    withRule('b', () => assert.ok(emitter.emit('other')));
  });

  it('lets the application remove and find its listeners', () => {
    adapter.bindListeners(Emitter.prototype, 'message');
    const emitter = new Emitter();
    const listener = (): void => assert.fail();
    for (const add of ['on', 'addListener', 'once', 'prependOnceListener'] as const) {
      emitter[add]('message', listener);
      assert.deepEqual(emitter.listeners('message'), [listener]);
      emitter.off('message', listener);
      assert.equal(emitter.listenerCount('message'), 0);
    }
  });

  it('binds a listener once if two adapters change an emitter', () => {
    const second = new TestAdapter();
    class Twice extends EventEmitter {}
    for (const each of [adapter, second]) each.bindListeners(Twice.prototype, 'message');
    const emitter = new Twice();
    const listener = (): void => undefined;
    for (const add of ['on', 'addListener', 'prependListener', 'once'] as const) {
      emitter[add]('message', listener);
      assert.deepEqual(emitter.listeners('message'), [listener]);
      emitter.off('message', listener);
      assert.equal(emitter.listenerCount('message'), 0);
    }
    let calls = 0;
    emitter.once('message', () => calls++);
    emitter.emit('message');
    emitter.emit('message');
    assert.equal(calls, 1);
    second.disable();
  });

  it('calls a listener of once a single time if its event is emitted in between', () => {
    class Nested extends EventEmitter {}
    adapter.bindListeners(Nested.prototype, 'message');
    const emitter = new Nested();
    emitter.prependOnceListener('message', () => emitter.emit('message'));
    let calls = 0;
    emitter.once('message', () => calls++);
    emitter.emit('message');
    assert.equal(calls, 1);
    // An earlier listener emits again while Node.js goes through its copy of the list.
    const again = (): void => {
      emitter.off('message', again);
      emitter.emit('message');
    };
    emitter.on('message', again).once('message', () => calls++);
    emitter.emit('message');
    assert.equal(calls, 2);
  });

  it('leaves the rejection of an asynchronous listener to the emitter', async () => {
    class Captures extends EventEmitter {}
    adapter.bindListeners(Captures.prototype, 'message');
    const emitter = new Captures({ captureRejections: true });
    emitter.on('message', (): unknown => Promise.reject(new Error('rejected')));
    const error = once(emitter, 'error');
    emitter.emit('message');
    assert.match(String(await error), /rejected/);
  });

  it('adds a listener of once by the methods of a subclass', () => {
    class Base extends EventEmitter {}
    adapter.bindListeners(Base.prototype, 'message');
    const added: string[] = [];
    class Sub extends Base {
      override on(event: string, listener: () => void): this {
        added.push(`on ${event}`);
        return super.on(event, listener);
      }
      override prependListener(event: string, listener: () => void): this {
        added.push(`prependListener ${event}`);
        return super.prependListener(event, listener);
      }
    }
    const emitter = new Sub();
    const see = (): void => assert.equal(getRule(), 'a');
    withRule('a', () => emitter.once('message', see).prependOnceListener('message', see));
    assert.deepEqual(added, ['on message', 'prependListener message']);
    emitter.emit('message');
    assert.equal(emitter.listenerCount('message'), 0);
  });

  it('knows the Context of the first time that a command was made', () => {
    const command = {};
    withRule('a', () => assert.equal(adapter.askers.remember(command), true));
    withRule('b', () => {
      assert.equal(adapter.askers.remember(command), false);
      adapter.askers.run(command, () => assert.equal(getRule(), 'a'));
      adapter.askers.run({}, () => assert.equal(getRule(), 'b'));
      adapter.askers.run(undefined, () => assert.equal(getRule(), 'b'));
    });
  });

  it('binds functions to the whole Context, and passes `this`, arguments and the result on', () => {
    const key = createContextKey('span');
    const bound = context.with(context.active().setValue(key, 's'), () =>
      withRule('a', () =>
        bindContext(function (this: unknown, x: number) {
          return [this, x, getRule(), context.active().getValue(key)];
        }),
      ),
    );
    const self = {};
    assert.deepEqual(bound.call(self, 1), [self, 1, 'a', 's']);
    assert.equal(bindContext(undefined), undefined);
  });
});
