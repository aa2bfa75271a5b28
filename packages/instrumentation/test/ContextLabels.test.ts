import assert from 'node:assert/strict';
import { ROOT_CONTEXT, context, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type LabelSet, getLabels, runWithLabels } from '@rulescope/profiler';
import { labelStorage } from '@rulescope/profiler/internal';
import { ContextLabels } from '../src/ContextLabels';
import { validContext } from '../src/contextEra';
import { contextWithRule, entryOf } from '../src/contextKey';
import { ForeignContextManager } from './support/ForeignContextManager';
import { LogSpy } from './support/LogSpy';
import { currentRule } from './support/currentRule';
import { cleanGlobals, register } from './support/globals';
import { storageIn } from './support/storageIn';

const A = contextWithRule(ROOT_CONTEXT, 'a');
const B = contextWithRule(ROOT_CONTEXT, 'b');

describe('ContextLabels', () => {
  let labels: ContextLabels;

  cleanGlobals();
  beforeEach(() => {
    labels = new ContextLabels(labelStorage());
  });

  it('is enabled while at least one of its users is', () => {
    const states: boolean[] = [labels.enabled];
    labels.enable();
    labels.enable();
    labels.disable();
    states.push(labels.enabled);
    labels.disable();
    states.push(labels.enabled);
    assert.deepEqual(states, [false, true, false]);
  });

  describe('labelContextOf', () => {
    it('has the rule as a label, and the Context', () => {
      labels.enable();
      const labelContext = labels.labelContextOf(A);
      assert.deepEqual(labelContext.labels, { rule: 'a' });
      assert.equal(validContext(labelContext), A);
    });

    it('is the same object for the same Context, so its native part is made once', () => {
      labels.enable();
      assert.equal(labels.labelContextOf(A), labels.labelContextOf(A));
      assert.notEqual(labels.labelContextOf(A), labels.labelContextOf(B));
    });

    it('has no labels for a Context without a rule', () => {
      labels.enable();
      const labelContext = labels.labelContextOf(ROOT_CONTEXT);
      assert.equal(labelContext.labels, undefined);
      assert.equal(validContext(labelContext), ROOT_CONTEXT);
    });

    it('keeps the other labels of the flow', () => {
      labels.enable();
      runWithLabels({ tenant: 't' }, () => {
        assert.deepEqual(labels.labelContextOf(A).labels, { tenant: 't', rule: 'a' });
        assert.deepEqual(labels.labelContextOf(ROOT_CONTEXT).labels, { tenant: 't' });
        assert.equal(labels.labelContextOf(A).labels, labels.labelContextOf(A).labels);
      });
      assert.deepEqual(labels.labelContextOf(A).labels, { rule: 'a' });
    });

    it('has no labels while nothing is enabled, not even for a Context met before', () => {
      assert.equal(labels.labelContextOf(A).labels, undefined);
      labels.enable();
      assert.deepEqual(labels.labelContextOf(A).labels, { rule: 'a' });
      labels.disable();
      assert.equal(labels.labelContextOf(A).labels, undefined);
      assert.equal(validContext(labels.labelContextOf(A)), A);
      labels.enable();
      assert.deepEqual(labels.labelContextOf(A).labels, { rule: 'a' });
    });
  });

  describe('runEntry', () => {
    const managers = {
      "the SDK's manager": () => new AsyncLocalStorageContextManager(),
      'a foreign manager': () => new ForeignContextManager(),
      'no manager': () => undefined,
    };
    const flows = {
      'a bare flow': (fn: () => void) => fn(),
      'a flow of another rule': (fn: () => void) => labels.with(B, fn),
      'a flow with other labels': (fn: () => void) => runWithLabels({ tenant: 't' }, fn),
    };
    for (const [managed, createManager] of Object.entries(managers)) {
      for (const [where, inFlow] of Object.entries(flows)) {
        for (const enabled of [true, false]) {
          it(`does what run does: ${managed}, ${where}, ${enabled ? 'enabled' : 'disabled'}`, () => {
            const manager = createManager();
            if (manager !== undefined) register(manager);
            if (enabled) labels.enable();
            const look = () => [labels.active(), context.active(), getLabels()];
            const entry = entryOf(A);
            assert.ok(entry !== undefined);
            inFlow(() => {
              const current = labels.current();
              const outer = entryOf(labels.contextIn(current));
              const seen = labels.runEntry(entry, look, current, outer);
              assert.deepEqual(seen, labels.run(A, look, current));
              const rule = (seen[2] as LabelSet | undefined)?.['rule'];
              assert.equal(rule, enabled ? 'a' : undefined);
            });
          });
        }
      }
    }

    it('uses one label context per entry, so its native part is made once', () => {
      labels.enable();
      const entry = entryOf(A);
      assert.ok(entry !== undefined);
      const run = () =>
        labels.runEntry(entry, () => entry.labelContext, labels.current(), undefined);
      assert.ok(run() !== undefined);
      assert.equal(run(), run());
      assert.equal(labels.labelContextOf(A), run());
    });
  });

  describe('followManager', () => {
    it('leaves the manager alone while nothing is enabled', () => {
      const manager = register(new AsyncLocalStorageContextManager());
      const own = storageIn(manager);
      labels.followManager();
      assert.ok(storageIn(manager) === own);
      labels.enable();
      assert.ok(storageIn(manager) !== own);
    });

    it('patches a manager once, even if others were registered in between', () => {
      const first = register(new AsyncLocalStorageContextManager());
      const own = storageIn(first);
      labels.enable();
      const patched = storageIn(first);
      assert.ok(patched !== own);
      labels.followManager();
      labels.disable();
      labels.enable();
      context.disable();
      const second = register(new AsyncLocalStorageContextManager());
      const ownOfSecond = storageIn(second);
      labels.followManager();
      assert.ok(storageIn(second) !== ownOfSecond);
      context.disable();
      register(first);
      labels.followManager();
      assert.ok(storageIn(first) === patched);
    });

    it('finds a manager that was registered while disabled', () => {
      labels.enable();
      labels.disable();
      const manager = register(new AsyncLocalStorageContextManager());
      const own = storageIn(manager);
      labels.followManager();
      assert.ok(storageIn(manager) === own);
      labels.enable();
      assert.ok(storageIn(manager) !== own);
    });
  });

  describe('disabled while a flow is running', () => {
    it('does not mistake what the flow carries for the Context of a manager registered since', async () => {
      register(new AsyncLocalStorageContextManager());
      labels.enable();
      let goOn: (() => void) | undefined;
      const flow = labels.with(A, async () => {
        await new Promise<void>((resolve) => (goOn = resolve));
        assert.equal(labels.active(), ROOT_CONTEXT);
        labels.with(B, () => {
          assert.equal(labels.active(), B);
          assert.equal(context.active(), B);
        });
      });
      labels.disable();
      context.disable();
      register(new AsyncLocalStorageContextManager());
      goOn?.();
      await flow;
    });

    it('removes the label when the next rule is entered, also without a manager', () => {
      labels.enable();
      labels.with(A, () => {
        labels.disable();
        labels.with(B, () => {
          assert.equal(labels.active(), B);
          assert.equal(currentRule(), undefined);
        });
        assert.equal(labels.active(), A);
      });
    });
  });

  describe('without a context manager', () => {
    it('carries the Context itself', () => {
      labels.enable();
      labels.with(A, () => {
        assert.equal(labels.active(), A);
        assert.equal(currentRule(), 'a');
        labels.with(ROOT_CONTEXT, () => {
          assert.equal(labels.active(), ROOT_CONTEXT);
          assert.equal(currentRule(), undefined);
        });
      });
      assert.equal(labels.active(), ROOT_CONTEXT);
    });

    it('carries the Context itself again after the manager was removed', () => {
      register(new AsyncLocalStorageContextManager());
      labels.enable();
      context.disable();
      labels.with(A, () => {
        assert.equal(labels.active(), A);
        assert.equal(currentRule(), 'a');
      });
    });

    it('only calls the function while nothing is enabled', () => {
      assert.equal(
        labels.with(A, () => labelStorage().currentLabelContext()?.value),
        undefined,
      );
    });
  });

  it('uses the active Context of the manager if there is one', () => {
    register(new AsyncLocalStorageContextManager());
    labels.enable();
    labels.with(A, () => {
      assert.equal(context.active(), A);
      assert.equal(labels.active(), A);
    });
    // A label context of another user of the storage is not the manager's Context.
    labelStorage().run(labelStorage().createLabelContext({ tenant: 't' }), () =>
      assert.equal(labels.active(), ROOT_CONTEXT),
    );
  });

  describe('with a manager that cannot be patched', () => {
    const manager = (): ForeignContextManager =>
      Object.freeze(new ForeignContextManager()) as ForeignContextManager;

    it('warns, sets the rule in with(), and throws nothing into the application', () => {
      const spy = new LogSpy();
      diag.setLogger(spy);
      register(manager());
      labels.enable();
      const inside = labels.with(A, () => [labels.active(), currentRule()]);
      assert.deepEqual(inside, [A, 'a']);
      assert.equal(
        context.with(B, () => context.active()),
        B,
      );
      assert.equal(spy.warnings.length, 1);
      assert.match(spy.warnings[0] ?? '', /context manager cannot be patched/);
    });
  });

  it('calls no getter of a manager', () => {
    const manager = new AsyncLocalStorageContextManager();
    Object.defineProperty(manager, 'trap', {
      enumerable: true,
      get: () => assert.fail('the getter was called'),
    });
    register(manager);
    labels.enable();
    assert.deepEqual(
      labels.with(A, () => currentRule()),
      'a',
    );
  });

  it('tolerates in with() what the manager of the SDK tolerates', () => {
    register(new AsyncLocalStorageContextManager());
    labels.enable();
    for (const target of [undefined, null, {}] as never[]) {
      assert.equal(
        context.with(target, () => 'ran'),
        'ran',
      );
    }
  });
});
