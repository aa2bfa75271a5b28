import assert from 'node:assert/strict';
import { FlowContexts } from '../../src/datadog/FlowContexts';
import { getLabels, runWithLabels, labelStorage } from '../../src/thread/threadLabels';

describe('FlowContexts', () => {
  const storage = labelStorage();
  const contexts = new FlowContexts(storage, 'test');
  const others = new FlowContexts(storage, 'another owner');
  const [a, b] = [{ name: 'a' }, { name: 'b' }];

  /** Runs `fn` in a separate flow, which `enter` may change. */
  function inFlow(fn: () => unknown): Promise<unknown> {
    return storage.run(storage.createLabelContext(undefined), async () => {
      await Promise.resolve();
      return fn();
    });
  }

  it('follow the flow as the same object', async () => {
    await contexts.run(a, async () => {
      await Promise.resolve();
      assert.equal(contexts.current(), a);
      contexts.run(b, () => assert.equal(contexts.current(), b));
      assert.equal(contexts.current(), a);
    });
    assert.equal(contexts.current(), undefined);
  });

  it('keep the labels and the value of the flow', () => {
    const value = { of: 'the flow' };
    storage.run(storage.createLabelContext({ rule: 'r' }, value), () =>
      contexts.run(a, () => {
        assert.deepEqual(Object.entries(getLabels() ?? {}), [['rule', 'r']]);
        assert.equal(storage.currentLabelContext()?.value, value);
      }),
    );
  });

  it('stay when labels are added, and are not visible as labels', () => {
    contexts.run(a, () =>
      runWithLabels({ rule: 'r' }, () => {
        assert.equal(contexts.current(), a);
        assert.equal(contexts.in(getLabels()), a);
        assert.deepEqual(Object.keys(getLabels() ?? {}), ['rule']);
      }),
    );
  });

  it('do not mix with the contexts of another owner', () => {
    contexts.run(a, () =>
      others.run(b, () => {
        assert.equal(contexts.current(), a);
        assert.equal(others.current(), b);
      }),
    );
  });

  it('can be entered and left for the rest of a flow', () =>
    inFlow(async () => {
      contexts.enter(a);
      await Promise.resolve();
      assert.equal(contexts.current(), a);
      contexts.enter(undefined);
      assert.equal(contexts.current(), undefined);
      assert.equal(getLabels(), undefined);
    }));

  it('keep the labels when the context is left', () =>
    inFlow(() => {
      runWithLabels({ rule: 'r' }, () => {
        contexts.enter(a);
        contexts.enter(undefined);
        assert.deepEqual(getLabels(), { rule: 'r' });
      });
    }));
});
