import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type Context, ROOT_CONTEXT, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getLabels, runWithLabels } from '@rulescope/profiler';
import { labelStorage } from '@rulescope/profiler/internal';
import { ContextLabels } from '../src/ContextLabels';
import { contextWithRule } from '../src/contextKey';
import { patchContextManager } from '../src/patchContextManager';
import { ForeignContextManager } from './support/ForeignContextManager';
import { currentRule } from './support/currentRule';
import { cleanGlobals } from './support/globals';

const KEY = createContextKey('rulescope.test');
const PLAIN = ROOT_CONTEXT.setValue(KEY, 'plain');
const A = contextWithRule(PLAIN, 'a');
const B = contextWithRule(ROOT_CONTEXT, 'b');

/** A manager of the same making as the SDK's under another name: it is patched as a foreign one. */
class DerivedContextManager extends AsyncLocalStorageContextManager {}

const kinds = {
  'the context manager of the SDK': () => new AsyncLocalStorageContextManager(),
  'one derived from it': () => new DerivedContextManager(),
  'a foreign context manager': () => new ForeignContextManager(),
};

for (const [name, create] of Object.entries(kinds)) {
  describe(`patchContextManager, ${name}`, () => {
    let manager: AsyncLocalStorageContextManager | ForeignContextManager;
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

      it('with() moves Context and label, and back', () => {
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

      it('a Context without a rule has no label, inside a rule either', () => {
        manager.with(A, () => {
          manager.with(PLAIN, () => assert.deepEqual(state(), [PLAIN, undefined]));
          manager.with(ROOT_CONTEXT, () => assert.deepEqual(state(), [ROOT_CONTEXT, undefined]));
          assert.deepEqual(state(), [A, 'a']);
        });
      });

      it('both follow asynchronous work', async () => {
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

      it('bind() of anything else gives it back', () => {
        const object = {};
        assert.equal(manager.bind(A, object), object);
        assert.equal(manager.bind(A, 5), 5);
      });

      it('attach() moves both for the rest of the flow, dispose() moves them back', async () => {
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

      it('attach() is undone by leaving the call it was made in', () => {
        manager.with(A, () => {
          manager.with(PLAIN, () => manager.attach(B));
          assert.deepEqual(state(), [A, 'a']);
        });
      });

      it('dispose() of an inner token gives the outer one back', () => {
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

      it("dispose() gives back labels that are not ours, as set by the profiler's own API", () => {
        runWithLabels({ tenant: 't' }, () => {
          manager.attach(A).dispose();
          assert.deepEqual(getLabels(), { tenant: 't' });
          assert.equal(manager.active(), ROOT_CONTEXT);
        });
      });

      it("labels of the profiler's own API leave the Context as it is", () => {
        manager.with(A, () => {
          runWithLabels({ tenant: 't' }, () => {
            assert.equal(manager.active(), A);
            assert.deepEqual(getLabels(), { rule: 'a', tenant: 't' });
          });
        });
      });

      it('disabled, moves the Context alone', async () => {
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

    describe('patched while flows are under way', () => {
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

      it('attach() in such a flow, disposed, gives its Context back', () => {
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

      it('their Contexts stay active where another manager was disabled before', async () => {
        const former = create();
        patchContextManager(former, labels);
        // In a flow of its own: what disable() leaves behind stays on the flow.
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

  it('gets none', () => {
    const labels = new ContextLabels(labelStorage());
    for (const Kind of [AsyncLocalStorageContextManager, ForeignContextManager]) {
      const manager = new Kind();
      Object.defineProperty(manager, 'attach', { value: undefined, writable: true });
      patchContextManager(manager, labels);
      assert.equal(manager.attach, undefined);
    }
  });
});
