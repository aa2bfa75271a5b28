import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { type Context, ROOT_CONTEXT, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import { labelStorage } from '@rulescope/profiler/internal';
import { ContextLabels } from '../src/ContextLabels';
import { contextWithRule } from '../src/contextKey';
import { patchContextManager } from '../src/patchContextManager';
import { ForeignContextManager } from './support/ForeignContextManager';
import { OpenContextManager } from './support/OpenContextManager';
import { currentRule } from './support/currentRule';
import { cleanGlobals } from './support/globals';
import { storageIn } from './support/storageIn';

const KEY = createContextKey('rulescope.test');
const PLAIN = ROOT_CONTEXT.setValue(KEY, 'plain');
const A = contextWithRule(PLAIN, 'a');
const B = contextWithRule(ROOT_CONTEXT, 'b');

/** What a bundler makes of the SDK's manager: a class with a short name. */
const Minified = class a extends AsyncLocalStorageContextManager {};

/** A subclass that does more in `with` than enter the Context. */
class CountingContextManager extends AsyncLocalStorageContextManager {
  entries = 0;

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    target: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    this.entries++;
    return super.with(target, fn, thisArg, ...args);
  }
}

/** A subclass that overrides `active` too. */
class OverridingContextManager extends CountingContextManager {
  override active(): Context {
    return super.active();
  }
}

type Manager = AsyncLocalStorageContextManager | OpenContextManager | ForeignContextManager;

const kinds: Record<string, () => Manager> = {
  'the context manager of the SDK': () => new AsyncLocalStorageContextManager(),
  'one derived from it, with a short name': () => new Minified(),
  'one derived from it, with its own with()': () => new CountingContextManager(),
  'one derived from it, with its own with() and active()': () => new OverridingContextManager(),
  'another one with a storage in a property': () => new OpenContextManager(),
  'another one with a private storage': () => new ForeignContextManager(),
};

for (const [name, create] of Object.entries(kinds)) {
  describe(`patchContextManager, ${name}`, () => {
    let manager: Manager;
    let labels: ContextLabels;

    /** Active Context and rule on the label. */
    const state = (): [Context, string | undefined] => [manager.active(), currentRule()];

    cleanGlobals();
    beforeEach(() => {
      manager = create();
      labels = new ContextLabels(labelStorage());
      labels.enable();
    });
    afterEach(() => manager.disable());

    describe('patched', () => {
      beforeEach(() => patchContextManager(manager, labels));

      it('with() moves Context and label, and restores both', () => {
        assert.deepEqual(state(), [ROOT_CONTEXT, undefined]);
        manager.with(A, () => {
          assert.deepEqual(state(), [A, 'a']);
          assert.equal(manager.active().getValue(KEY), 'plain');
          manager.with(B, () => assert.deepEqual(state(), [B, 'b']));
          assert.deepEqual(state(), [A, 'a']);
        });
        assert.deepEqual(state(), [ROOT_CONTEXT, undefined]);
      });

      it('with() passes this, arguments, result and errors through', () => {
        const sum = function (this: { base: number }, x: number, y: number): unknown[] {
          return [this.base + x + y, currentRule()];
        };
        assert.deepEqual(manager.with(A, sum, { base: 1 }, 2, 3), [6, 'a']);
        const error = new Error('mine');
        assert.throws(
          () =>
            manager.with(A, () => {
              throw error;
            }),
          (thrown) => thrown === error,
        );
        assert.deepEqual(state(), [ROOT_CONTEXT, undefined]);
      });

      it('a Context without a rule has no label, not even inside a rule', () => {
        manager.with(A, () => {
          manager.with(PLAIN, () => assert.deepEqual(state(), [PLAIN, undefined]));
          manager.with(ROOT_CONTEXT, () => assert.deepEqual(state(), [ROOT_CONTEXT, undefined]));
          assert.deepEqual(state(), [A, 'a']);
        });
      });

      it('Context and label follow asynchronous work', async () => {
        await manager.with(A, async () => {
          await Promise.resolve();
          assert.deepEqual(state(), [A, 'a']);
          await new Promise((resolve) => setTimeout(resolve, 1));
          assert.deepEqual(state(), [A, 'a']);
          await manager.with(B, async () => {
            await new Promise<void>((resolve) => process.nextTick(resolve));
            assert.deepEqual(state(), [B, 'b']);
          });
          assert.deepEqual(state(), [A, 'a']);
        });
        assert.deepEqual(state(), [ROOT_CONTEXT, undefined]);
      });

      it('bind() of a function keeps its this, arguments, result and length', () => {
        const bound = manager.bind(A, function (this: { base: number }, x: number, y: number) {
          return [this.base + x + y, ...state()];
        });
        assert.equal(bound.length, 2);
        manager.with(B, () => {
          assert.deepEqual(bound.call({ base: 1 }, 2, 3), [6, A, 'a']);
          assert.deepEqual(state(), [B, 'b']);
        });
      });

      it('bind() of an emitter: listeners run in the Context that was bound', () => {
        const emitter = manager.bind(A, new EventEmitter());
        const seen: unknown[] = [];
        manager.with(B, () => {
          emitter.on('event', (value) => seen.push([value, ...state()]));
          emitter.emit('event', 1);
        });
        emitter.emit('event', 2);
        assert.deepEqual(seen, [
          [1, A, 'a'],
          [2, A, 'a'],
        ]);
      });

      it('bind() returns any other value as it is', () => {
        const object = {};
        assert.equal(manager.bind(A, object), object);
        assert.equal(manager.bind(A, 5), 5);
      });

      it('attach() moves both for the rest of the flow, dispose() restores them', async () => {
        await manager.with(A, async () => {
          const token = manager.attach(B);
          assert.deepEqual(state(), [B, 'b']);
          await Promise.resolve();
          assert.deepEqual(state(), [B, 'b']);
          manager.with(PLAIN, () => assert.deepEqual(state(), [PLAIN, undefined]));
          token.dispose();
          assert.deepEqual(state(), [A, 'a']);
        });
        assert.deepEqual(state(), [ROOT_CONTEXT, undefined]);
      });

      it('attach() ends with the call that it was made in', () => {
        manager.with(A, () => {
          manager.with(PLAIN, () => manager.attach(B));
          assert.deepEqual(state(), [A, 'a']);
        });
      });

      it('dispose() of an inner token restores the outer one', () => {
        manager.with(PLAIN, () => {
          const outer = manager.attach(A);
          const inner = manager.attach(B);
          inner.dispose();
          assert.deepEqual(state(), [A, 'a']);
          outer.dispose();
          assert.deepEqual(state(), [PLAIN, undefined]);
        });
      });

      it('dispose() a second time does nothing', () => {
        manager.with(PLAIN, () => {
          const token = manager.attach(A);
          token.dispose();
          manager.with(B, () => {
            token.dispose();
            assert.deepEqual(state(), [B, 'b']);
          });
        });
      });

      it('attach() can be undone by `using`', () => {
        manager.with(PLAIN, () => {
          const token = manager.attach(A) as unknown as Record<symbol, () => void>;
          token[Symbol.dispose]?.();
          assert.deepEqual(state(), [PLAIN, undefined]);
        });
      });

      it("dispose() restores labels set by the profiler's own API", () => {
        runWithLabels({ tenant: 't' }, () => {
          manager.attach(A).dispose();
          assert.deepEqual(getLabels(), { tenant: 't' });
          assert.equal(manager.active(), ROOT_CONTEXT);
        });
      });

      it("labels set by the profiler's own API leave the Context as it is", () => {
        manager.with(A, () => {
          runWithLabels({ tenant: 't' }, () => {
            assert.equal(manager.active(), A);
            assert.deepEqual(getLabels(), { rule: 'a', tenant: 't' });
          });
        });
      });

      it('disabled, it moves the Context only', async () => {
        const bound = manager.bind(A, state);
        labels.disable();
        assert.deepEqual(bound(), [A, undefined]);
        await manager.with(A, async () => {
          assert.deepEqual(state(), [A, undefined]);
          await Promise.resolve();
          assert.deepEqual(state(), [A, undefined]);
          const token = manager.attach(B);
          assert.deepEqual(state(), [B, undefined]);
          token.dispose();
          assert.deepEqual(state(), [A, undefined]);
        });
        labels.enable();
        assert.deepEqual(bound(), [A, 'a']);
      });

      it('with(undefined) is tolerated: it enters the root Context', () => {
        const none = undefined as unknown as Context;
        manager.with(A, () => {
          manager.with(none, () => assert.deepEqual(state(), [ROOT_CONTEXT, undefined]));
          assert.deepEqual(state(), [A, 'a']);
        });
      });

      it('disable() of the manager forgets the active Context', () => {
        manager.with(A, () => {
          assert.equal(manager.disable(), manager);
          assert.equal(manager.active(), ROOT_CONTEXT);
        });
      });

      it('works again after it was disabled', () => {
        manager.disable();
        manager.with(A, () => assert.deepEqual(state(), [A, 'a']));
        assert.deepEqual(state(), [ROOT_CONTEXT, undefined]);
      });
    });

    describe('patched while flows are running', () => {
      it('their Contexts stay active', async () => {
        const timer = manager.with(A, () => new Promise(setImmediate).then(state));
        await manager.with(PLAIN, async () => {
          patchContextManager(manager, labels);
          assert.equal(manager.active(), PLAIN);
          manager.with(B, () => assert.deepEqual(state(), [B, 'b']));
          assert.equal(manager.active(), PLAIN);
          await Promise.resolve();
          assert.equal(manager.active(), PLAIN);
        });
        assert.equal((await timer)[0], A);
        assert.equal(manager.active(), ROOT_CONTEXT);
      });

      it('attach() in such a flow, disposed, restores its Context', () => {
        manager.with(PLAIN, () => {
          patchContextManager(manager, labels);
          const token = manager.attach(A);
          assert.deepEqual(state(), [A, 'a']);
          token.dispose();
          assert.deepEqual(state(), [PLAIN, undefined]);
        });
      });

      it('disable() of the manager forgets their Contexts', () => {
        manager.with(A, () => {
          patchContextManager(manager, labels);
          manager.disable();
          assert.equal(manager.active(), ROOT_CONTEXT);
        });
      });

      it('their Contexts stay active after another manager was disabled', async () => {
        const former = create();
        patchContextManager(former, labels);
        // In a flow of its own, because disable() leaves a label context on the flow.
        await Promise.resolve().then(() => {
          former.disable();
          manager.with(PLAIN, () => {
            patchContextManager(manager, labels);
            assert.equal(manager.active(), PLAIN);
          });
        });
      });
    });
  });
}

describe('patchContextManager, a manager without attach()', () => {
  cleanGlobals();

  it('does not get that method', () => {
    const labels = new ContextLabels(labelStorage());
    for (const Kind of [
      AsyncLocalStorageContextManager,
      OpenContextManager,
      ForeignContextManager,
    ]) {
      const manager = new Kind();
      Object.defineProperty(manager, 'attach', { value: undefined, writable: true });
      patchContextManager(manager, labels);
      assert.equal(manager.attach, undefined);
    }
  });
});

describe('patchContextManager, sharing the storage', () => {
  cleanGlobals();

  const labels = (): ContextLabels => {
    const created = new ContextLabels(labelStorage());
    created.enable();
    return created;
  };
  /** Whether `manager` keeps its Context in the label storage once patched. */
  const shares = (manager: Manager): boolean =>
    patchContextManager(manager, labels()) !== undefined;

  it('happens with the manager of the SDK, whatever the name of its class', () => {
    assert.ok(shares(new AsyncLocalStorageContextManager()));
    assert.ok(shares(new Minified()));
    const renamed = new AsyncLocalStorageContextManager();
    Object.defineProperty(renamed, 'constructor', { value: class t {} });
    assert.ok(shares(renamed));
  });

  it('happens with another manager that keeps the bare Context in a property', () => {
    assert.ok(shares(new OpenContextManager()));
  });

  it('does not happen because of the name of the class', () => {
    const Named = { AsyncLocalStorageContextManager: class extends ForeignContextManager {} };
    const manager = new Named.AsyncLocalStorageContextManager();
    assert.equal(manager.constructor.name, 'AsyncLocalStorageContextManager');
    assert.ok(!shares(manager));
  });

  it("makes attach() of the SDK's manager restore the label as it was", () => {
    const manager = new AsyncLocalStorageContextManager();
    assert.ok(shares(manager));
    runWithLabels({ rule: 'set by hand' }, () => {
      manager.attach(A).dispose();
      assert.equal(currentRule(), 'set by hand');
    });
  });

  it('does not happen if with() is overridden: it may do more than enter the Context', () => {
    const manager = new CountingContextManager();
    const own = storageIn(manager);
    assert.ok(!shares(manager));
    assert.ok(storageIn(manager) === own);
    assert.ok(!shares(new OverridingContextManager()));
    const wrapped = new AsyncLocalStorageContextManager();
    wrapped.with = wrapped.with.bind(wrapped);
    assert.ok(!shares(wrapped));
  });

  it('does not happen if the manager stores something else than the Context it is given', () => {
    const stores = {
      'a derived Context': (target: Context) => target.setValue(KEY, 'derived'),
      'no Context': (target: Context) => ({ target }) as unknown as Context,
    };
    for (const [name, stored] of Object.entries(stores)) {
      const storing = new OpenContextManager();
      const own = storing.contexts;
      Object.setPrototypeOf(storing, {
        __proto__: OpenContextManager.prototype,
        active: () => own.getStore() ?? ROOT_CONTEXT,
        with: (target: Context, fn: () => unknown) => storing.contexts.run(stored(target), fn),
      });
      assert.ok(!shares(storing), name);
      assert.ok(storageIn(storing) === own, name);
    }
  });

  it('does not happen with two storages, a derived storage or a read-only property', () => {
    const two = Object.assign(new OpenContextManager(), { other: new AsyncLocalStorage() });
    assert.ok(!shares(two));
    class Own extends AsyncLocalStorage<Context> {}
    const derived = Object.assign(new OpenContextManager(), { contexts: new Own() });
    assert.ok(!shares(derived));
    const readOnly = new OpenContextManager();
    Object.defineProperty(readOnly, 'contexts', { writable: false });
    assert.ok(!shares(readOnly));
  });
});
