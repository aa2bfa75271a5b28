import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';
import * as sdk from '@opentelemetry/context-async-hooks';
import { labelStorage } from '@rulescope/profiler/internal';
import fc from 'fast-check';
import { ContextLabels } from '../src/ContextLabels';
import { contextWithRule } from '../src/contextKey';
import { detach } from '../src/detach';
import { patchContextManager } from '../src/patchContextManager';
import { bindRule, getRule, setRule, withRule } from '../src/rule';
import { ForeignContextManager } from './support/ForeignContextManager';
import { OpenContextManager } from './support/OpenContextManager';
import { currentRule } from './support/currentRule';
import { cleanGlobals, instrument, register } from './support/globals';

/** An application's mock of a Context: it answers every key, and derives nothing. */
const MOCK = { getValue: () => 'x', setValue: () => undefined, deleteValue: () => undefined };
const THROWS = {
  getValue: () => {
    throw new Error('no value');
  },
};

/** Values that a program can pass for a Context. */
const VALUES = [
  ROOT_CONTEXT,
  contextWithRule(ROOT_CONTEXT, 'a'),
  contextWithRule(ROOT_CONTEXT, 'b'),
  undefined,
  null,
  {},
  Object.create(null),
  'text',
  0,
  MOCK,
  THROWS,
  { ...THROWS, setValue: THROWS.getValue },
] as unknown as Context[];

type AnyManager = ContextManager & { attach?: (target: Context) => { dispose(): void } };

const managers: Record<string, () => AnyManager> = {
  'AsyncLocalStorageContextManager of the SDK': () => new sdk.AsyncLocalStorageContextManager(),
  'a manager with a storage in a property': () => new OpenContextManager(),
  'a manager with a private storage': () => new ForeignContextManager(),
};
/** SDK 2.x only. */
const { AsyncHooksContextManager } = sdk as { AsyncHooksContextManager?: new () => AnyManager };
if (AsyncHooksContextManager !== undefined) {
  managers['AsyncHooksContextManager of the SDK'] = () => new AsyncHooksContextManager();
}

/** One step of a program, with the value that it passes for a Context. */
interface Step {
  readonly kind: 'with' | 'bind' | 'attach' | 'attachForGood' | 'await' | 'throw' | 'emit';
  readonly value: Context;
  readonly receiver: unknown;
  readonly steps: readonly Step[];
}

const { program } = fc.letrec<{ program: Step[]; step: Step }>((tie) => ({
  step: fc.record({
    kind: fc.constantFrom('with', 'bind', 'attach', 'attachForGood', 'await', 'throw', 'emit'),
    value: fc.constantFrom(...VALUES),
    receiver: fc.constantFrom(undefined, null, 5, { receiver: true }),
    steps: tie('program'),
  }),
  program: fc.oneof(
    { maxDepth: 4 },
    fc.constant<Step[]>([]),
    fc.array(tie('step'), { maxLength: 4 }),
  ),
}));

/** Runs a program on a manager. Returns all that the program can see. */
async function observe(manager: AnyManager, steps: readonly Step[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  const look = (): void => {
    const active: unknown = manager.active();
    const index = VALUES.indexOf(active as Context);
    seen.push(index < 0 ? active : index);
  };
  async function take(step: Step, depth: number): Promise<void> {
    const { kind, value, receiver, steps: inner } = step;
    const body = function (this: unknown, ...args: unknown[]): Promise<void> {
      seen.push(kind, this, args);
      return takeAll(inner, depth + 1);
    };
    switch (kind) {
      case 'with':
        return manager.with(value, body, receiver, ...([1, 2] as unknown as []));
      case 'bind': {
        const bound = manager.bind(value, body);
        seen.push(bound.length, manager.bind(value, receiver) === receiver);
        return bound.call(receiver, 3);
      }
      case 'attach': {
        const token = manager.attach?.(value);
        look();
        // Not in with(): `AsyncLocalStorage.run` of Node.js 20 does not undo an attach() in it if it
        // enters the value that is active already. Our storage does.
        if (depth === 0) await takeAll(inner, depth);
        token?.dispose();
        token?.dispose();
        return;
      }
      case 'attachForGood':
        if (depth === 0) manager.attach?.(value);
        return;
      case 'await':
        await Promise.resolve();
        return;
      case 'throw':
        try {
          manager.with(value, () => {
            throw receiver;
          });
        } catch (thrown) {
          seen.push(thrown);
        }
        return;
      case 'emit': {
        const emitter = new EventEmitter();
        seen.push(manager.bind(value, emitter) === emitter);
        const listener = (...args: unknown[]): void => {
          seen.push(args);
          look();
        };
        emitter.on('event', listener).once('event', listener);
        seen.push(emitter.emit('event', 4), emitter.emit('event', 5));
        seen.push(emitter.off('event', listener).listenerCount('event'));
      }
    }
  }
  async function takeAll(list: readonly Step[], depth: number): Promise<void> {
    look();
    for (const step of list) {
      await take(step, depth);
      look();
    }
  }
  // In a flow of its own, because attach() without dispose() changes the flow.
  await new Promise<void>((resolve, reject) => {
    setImmediate(() => void takeAll(steps, 0).then(resolve, reject));
  });
  return seen;
}

for (const [name, create] of Object.entries(managers)) {
  describe(`any value for a Context, ${name}`, () => {
    const plain = create();
    const patched = create();
    const labels = new ContextLabels(labelStorage());

    before(() => {
      plain.enable();
      patched.enable();
      labels.enable();
      patchContextManager(patched, labels);
    });
    after(() => {
      plain.disable();
      patched.disable();
    });

    it('with(), bind() and attach() do what they do without us', async () => {
      await fc.assert(
        fc.asyncProperty(program, async (steps) => {
          assert.deepEqual(await observe(patched, steps), await observe(plain, steps));
        }),
        { numRuns: 300 },
      );
    });

    it('a flow that was running before keeps its Context, and can enter any value', async () => {
      for (const value of VALUES) {
        const manager = create();
        manager.enable();
        const outer = contextWithRule(ROOT_CONTEXT, 'outer');
        await manager.with(outer, async () => {
          patchContextManager(manager, labels);
          assert.equal(manager.active(), outer);
          const seen = manager.with(value, () => manager.active());
          assert.equal(seen, value ?? ROOT_CONTEXT);
          await Promise.resolve();
          assert.equal(manager.active(), outer);
        });
        manager.disable();
      }
    });

    it('a function that is none throws the error that it throws without us', () => {
      for (const fn of [undefined, null, 5, {}] as unknown as (() => void)[]) {
        for (const receiver of [undefined, {}]) {
          const call = (manager: AnyManager) => () => manager.with(ROOT_CONTEXT, fn, receiver);
          assert.throws(call(plain), TypeError);
          assert.throws(call(patched), TypeError);
          assert.equal(patched.active(), ROOT_CONTEXT);
        }
      }
    });
  });

  describe(`rules where any value is the active Context, ${name}`, () => {
    cleanGlobals();

    for (const options of [{}, { propagate: true, spanLabels: true }])
      it(`work, and nothing throws, with ${JSON.stringify(options)}`, async () => {
        const manager = register(create());
        instrument(true, options);
        for (const value of VALUES) {
          for (let time = 0; time < 3; time++) {
            await manager.with(value, async () => {
              const active = manager.active();
              assert.equal(withRule('r', getRule), 'r');
              assert.equal(withRule('r', currentRule), 'r');
              assert.equal(bindRule('r', getRule)(), 'r');
              assert.equal(detach(getRule), undefined);
              assert.equal(getRule(setRule(value, 'r')), 'r');
              assert.equal(getRule(value), { 1: 'a', 2: 'b' }[VALUES.indexOf(value)]);
              await Promise.resolve();
              assert.equal(manager.active(), active);
            });
          }
        }
        manager.disable();
      });
  });
}
