import type { LabelContext } from '../../src/labels/LabelStorage';
import assert from 'node:assert/strict';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { AsyncContextFrameLabels } from '../../src/labels/AsyncContextFrameLabels';
import { FakeSink } from '../support/FakeSink';
import { assertFlowIsOwned } from '../support/assertFlowIsOwned';

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

  /** What the sampler would put on a sample now. */
  const sampled = (): unknown =>
    (storage.getStore() as { cell?: { labels: unknown } } | undefined)?.cell?.labels;

  /** Labels as sampled, and the value that is current. */
  const now = (): unknown[] => [sampled(), labels.currentLabelContext()?.value];

  const inside = (carrier: LabelContext): unknown[] => labels.run(carrier, now);

  it('makes the holder that the sampler looks for the value of the storage', () => {
    assert.deepEqual(inside(labels.createLabelContext(A, 1)), [A, 1]);
    assert.deepEqual(now(), [undefined, undefined]);
  });

  it('makes one holder for all carriers of a label set that are run once', () => {
    for (let value = 0; value < 3; value++) {
      assert.deepEqual(inside(labels.createLabelContext(A, value)), [A, value]);
    }
    assert.equal(sink.holdersMade, 1);
  });

  it('makes a holder for a carrier that is run again, which needs one storage only', () => {
    const carrier = labels.createLabelContext(A, 1);
    inside(carrier);
    assert.equal(sink.holdersMade, 1);
    for (let run = 0; run < 3; run++) assert.deepEqual(inside(carrier), [A, 1]);
    assert.equal(sink.holdersMade, 2);
    labels.run(carrier, () => assert.equal(storage.getStore(), labels.currentLabelContext()));
  });

  it('leaves the holder where it is when the label set stays', () => {
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

  it('makes no holder for a carrier without labels', () => {
    assert.deepEqual(inside(labels.createLabelContext(undefined, 1)), [undefined, 1]);
    assert.equal(sink.holdersMade, 0);
  });

  it('hangs neither value nor label set on the cell, which the native side never lets go', () => {
    labels.run(labels.createLabelContext(A, {}), () => {
      const { cell } = storage.getStore() as { cell: { labels: unknown } };
      assert.deepEqual(Object.keys(cell), ['labels']);
      assert.notEqual(cell.labels, A);
    });
  });

  it('makes any carrier current inside any other, and the outer one again after it', () => {
    const again = (carrier: LabelContext): LabelContext => {
      inside(carrier);
      inside(carrier);
      return carrier;
    };
    const kinds: (() => LabelContext)[] = [];
    for (const set of [A, B, undefined]) {
      kinds.push(() => labels.createLabelContext(set, {}));
      const kept = again(labels.createLabelContext(set, {}));
      kinds.push(() => kept);
      const once = labels.createLabelContext(set, {});
      kinds.push(() => once);
    }
    const visit = ([kind, ...deeper]: number[]): void => {
      if (kind === undefined) return;
      const carrier = (kinds[kind] as () => LabelContext)();
      const check = (): void => assert.deepEqual(now(), [carrier.labels, carrier.value]);
      labels.run(carrier, () => {
        check();
        visit(deeper);
        check();
        // What currentLabelContext gives can be entered, as if it were the one that was run.
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

  it('knows whose flow it is, whatever carriers are entered there, and there alone', async () => {
    await assertFlowIsOwned(labels);
  });

  it('puts no listener on the process', () => {
    const before = process.eventNames().length;
    labels.samplingStarted();
    labels.recordingClosed();
    labels.samplingStopped();
    assert.equal(process.eventNames().length, before);
  });

  describe('before there is a sampler', () => {
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

    it('labels samples from the next entry on, also into the same labels or the same context', () => {
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
});
