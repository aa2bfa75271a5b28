import assert from 'node:assert/strict';
import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type LabelSet, getLabels, runWithLabels } from '@rulescope/profiler';
import { labelStorage } from '@rulescope/profiler/internal';
import { ContextLabels } from '../src/ContextLabels';
import { contextWithRule, entryOf } from '../src/contextKey';
import { ForeignContextManager } from './support/ForeignContextManager';
import { currentRule } from './support/currentRule';
import { cleanGlobals, register } from './support/globals';

const A = contextWithRule(ROOT_CONTEXT, 'a');
const B = contextWithRule(ROOT_CONTEXT, 'b');

describe('ContextLabels', () => {
  let labels: ContextLabels;

  cleanGlobals();
  beforeEach(() => {
    labels = new ContextLabels(labelStorage());
  });

  it('is enabled as long as one of its users is', () => {
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
    it('gives the rule as a label, with the Context beside it', () => {
      labels.enable();
      const carrier = labels.labelContextOf(A);
      assert.deepEqual(carrier.labels, { rule: 'a' });
      assert.equal(carrier.value, A);
    });

    it('gives the same carrier for the same Context: the native part is made once', () => {
      labels.enable();
      assert.equal(labels.labelContextOf(A), labels.labelContextOf(A));
      assert.notEqual(labels.labelContextOf(A), labels.labelContextOf(B));
    });

    it('gives no labels for a Context without a rule', () => {
      labels.enable();
      const carrier = labels.labelContextOf(ROOT_CONTEXT);
      assert.equal(carrier.labels, undefined);
      assert.equal(carrier.value, ROOT_CONTEXT);
    });

    it('leaves the other labels of the flow on it', () => {
      labels.enable();
      runWithLabels({ tenant: 't' }, () => {
        assert.deepEqual(labels.labelContextOf(A).labels, { tenant: 't', rule: 'a' });
        assert.deepEqual(labels.labelContextOf(ROOT_CONTEXT).labels, { tenant: 't' });
        assert.equal(labels.labelContextOf(A).labels, labels.labelContextOf(A).labels);
      });
      assert.deepEqual(labels.labelContextOf(A).labels, { rule: 'a' });
    });

    it('gives no labels while nothing is enabled, to Contexts it has met either', () => {
      assert.equal(labels.labelContextOf(A).labels, undefined);
      labels.enable();
      assert.deepEqual(labels.labelContextOf(A).labels, { rule: 'a' });
      labels.disable();
      assert.equal(labels.labelContextOf(A).labels, undefined);
      assert.equal(labels.labelContextOf(A).value, A);
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
            const mark = entryOf(A);
            assert.ok(mark !== undefined);
            inFlow(() => {
              const current = labels.current();
              const seen = labels.runEntry(mark, look, current);
              assert.deepEqual(seen, labels.run(A, look, current));
              const rule = (seen[2] as LabelSet | undefined)?.['rule'];
              assert.equal(rule, enabled ? 'a' : undefined);
            });
          });
        }
      }
    }

    it('carries the same for the same mark: the native part is made once', () => {
      labels.enable();
      const mark = entryOf(A);
      assert.ok(mark !== undefined);
      const carrier = () => labels.runEntry(mark, () => mark.carrier, labels.current());
      assert.ok(carrier() !== undefined);
      assert.equal(carrier(), carrier());
      assert.equal(labels.labelContextOf(A), carrier());
    });
  });

  describe('followManager', () => {
    it('leaves the manager alone while nothing is enabled', () => {
      const manager = register(new AsyncLocalStorageContextManager());
      labels.followManager();
      assert.ok(!Object.hasOwn(manager, 'with'));
      labels.enable();
      assert.ok(Object.hasOwn(manager, 'with'));
    });

    it('patches a manager once, also when others were registered in between', () => {
      const first = register(new AsyncLocalStorageContextManager());
      labels.enable();
      const patched = first.with;
      labels.followManager();
      labels.disable();
      labels.enable();
      context.disable();
      const second = register(new AsyncLocalStorageContextManager());
      labels.followManager();
      assert.ok(Object.hasOwn(second, 'with'));
      context.disable();
      register(first);
      labels.followManager();
      assert.equal(first.with, patched);
    });

    it('finds a manager that was registered while it was disabled', () => {
      labels.enable();
      labels.disable();
      const manager = register(new AsyncLocalStorageContextManager());
      labels.followManager();
      assert.ok(!Object.hasOwn(manager, 'with'));
      labels.enable();
      assert.ok(Object.hasOwn(manager, 'with'));
    });
  });

  describe('disabled while a flow is under way', () => {
    it('does not take what the flow carries for the Context of a manager that was registered since', async () => {
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

    it('takes the label off where the next rule is entered, also without a manager', () => {
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

    it('carries the Context itself again when the manager is gone', () => {
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

  it('leaves the active Context to the manager where there is one', () => {
    register(new AsyncLocalStorageContextManager());
    labels.enable();
    labels.with(A, () => {
      assert.equal(context.active(), A);
      assert.equal(labels.active(), A);
    });
    // A carrier of some other user of the storage is not the manager's Context.
    labelStorage().run(labelStorage().createLabelContext({ tenant: 't' }), () =>
      assert.equal(labels.active(), ROOT_CONTEXT),
    );
  });
});
