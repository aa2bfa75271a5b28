import assert from 'node:assert/strict';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { AsyncContextFrameLabels } from '../../src/labels/AsyncContextFrameLabels';
import type { LabelContext } from '../../src/labels/LabelStorage';
import { assertFlowIsOwned } from '../support/assertFlowIsOwned';
import { FakeSink } from '../support/FakeSink';

const A = { rule: 'a' };
const B = { rule: 'b' };

describe('AsyncContextFrameLabels', () => {
  let storage: AsyncLocalStorage<unknown>;
  let sink: FakeSink;
  let labels: AsyncContextFrameLabels;

  beforeEach(() => {
    sink = new FakeSink();
    labels = new AsyncContextFrameLabels();
    labels.connect(sink);
    storage = labels.frameStorage;
  });

  /** Returns the labels that the sampler would store with a sample now. */
  const sampled = (): unknown =>
    (storage.getStore() as { cell?: { labels: unknown } } | undefined)?.cell?.labels;

  /** Returns the labels that the sampler sees, and the current value. */
  const now = (): unknown[] => [sampled(), labels.currentLabelContext()?.value];

  const inside = (context: LabelContext): unknown[] => labels.run(context, now);

  it('stores the holder that the sampler looks for in the frame storage', () => {
    assert.deepEqual(inside(labels.createLabelContext(A, 1)), [A, 1]);
    assert.deepEqual(now(), [undefined, undefined]);
  });

  it('creates one holder for all contexts of a label set that are run once', () => {
    for (let value = 0; value < 3; value++) {
      assert.deepEqual(inside(labels.createLabelContext(A, value)), [A, value]);
    }
    assert.equal(sink.holdersMade, 1);
  });

  it('creates a holder for a context that is run again, which then needs one storage only', () => {
    const context = labels.createLabelContext(A, 1);
    inside(context);
    assert.equal(sink.holdersMade, 1);
    for (let run = 0; run < 3; run++) assert.deepEqual(inside(context), [A, 1]);
    assert.equal(sink.holdersMade, 2);
    labels.run(context, () => assert.equal(storage.getStore(), labels.currentLabelContext()));
  });

  it('keeps the current holder if the label set stays the same', () => {
    labels.run(labels.createLabelContext(A, 1), () => {
      const holder = storage.getStore();
      const inner = labels.createLabelContext(A, 2);
      for (let run = 0; run < 3; run++) {
        labels.run(inner, () => {
          assert.equal(storage.getStore(), holder);
          assert.deepEqual(now(), [A, 2]);
        });
      }
      assert.deepEqual(now(), [A, 1]);
    });
    assert.equal(sink.holdersMade, 1);
  });

  it('creates no holder for a context without labels', () => {
    assert.deepEqual(inside(labels.createLabelContext(undefined, 1)), [undefined, 1]);
    assert.equal(sink.holdersMade, 0);
  });

  it('keeps the value out of what the native side holds strongly', () => {
    // test/native/sampleContext.test.ts tests that the native side does not hold the label set.
    labels.run(labels.createLabelContext(A, {}), () => {
      const { cell } = storage.getStore() as { cell: { labels: unknown } };
      assert.deepEqual(cell, { labels: A });
    });
  });

  it('makes any context current inside any other context, and restores the outer one', () => {
    const runTwice = (context: LabelContext): LabelContext => {
      inside(context);
      inside(context);
      return context;
    };
    const kinds: (() => LabelContext)[] = [];
    for (const set of [A, B, undefined]) {
      kinds.push(() => labels.createLabelContext(set, {}));
      const kept = runTwice(labels.createLabelContext(set, {}));
      kinds.push(() => kept);
      const runOnce = labels.createLabelContext(set, {});
      kinds.push(() => runOnce);
    }
    const visit = ([kind, ...deeper]: number[]): void => {
      if (kind === undefined) return;
      const context = (kinds[kind] as () => LabelContext)();
      const check = (): void => assert.deepEqual(now(), [context.labels, context.value]);
      labels.run(context, () => {
        check();
        visit(deeper);
        check();
        // The result of currentLabelContext can be run and entered like the original context.
        const current = labels.currentLabelContext() as LabelContext;
        labels.run(labels.createLabelContext(B, 0), () => labels.run(current, check));
        labels.run(labels.createLabelContext(undefined, 0), () => {
          labels.enter(current);
          check();
        });
        check();
        labels.run(current, () => labels.enter(labels.createLabelContext(B, 0)));
        check();
      });
    };
    const count = kinds.length;
    for (let path = 0; path < count ** 4; path++) {
      visit([0, 1, 2, 3].map((level) => Math.floor(path / count ** level) % count));
    }
  });

  it('knows the owner of a flow, regardless of the contexts entered in it, and only there', async () => {
    await assertFlowIsOwned(labels);
  });

  it('adds no listener to the process', () => {
    const before = process.eventNames().length;
    labels.samplingStarted();
    labels.recordingClosed();
    labels.samplingStopped();
    assert.equal(process.eventNames().length, before);
  });

  describe('before a sampler is connected', () => {
    beforeEach(() => {
      labels = new AsyncContextFrameLabels();
      storage = labels.frameStorage;
    });

    it('carries labels and value', () => {
      labels.run(labels.createLabelContext(A, 1), () => {
        assert.deepEqual(labels.currentLabelContext()?.labels, A);
        assert.deepEqual(inside(labels.createLabelContext(A, 2)), [undefined, 2]);
        assert.deepEqual(now(), [undefined, 1]);
      });
      assert.equal(labels.currentLabelContext(), undefined);
    });

    it('labels samples from the next entry on, even of the same labels or the same context', () => {
      const context = labels.createLabelContext(A, 1);
      labels.run(context, () => {
        labels.connect(sink);
        assert.deepEqual(now(), [undefined, 1]);
        assert.deepEqual(inside(labels.createLabelContext(A, 2)), [A, 2]);
        assert.deepEqual(inside(context), [A, 1]);
        assert.deepEqual(inside(labels.createLabelContext(B, 3)), [B, 3]);
        assert.deepEqual(now(), [undefined, 1]);
      });
      assert.deepEqual(inside(context), [A, 1]);
    });
  });

  it('refuses a second sampler, which would take the labels of the first', () => {
    assert.throws(() => labels.connect(new FakeSink()), /already have a sampler/);
  });
});
