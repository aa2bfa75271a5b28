import assert from 'node:assert/strict';
import { ProfileSpanRecorder } from '../../src/collector/ProfileSpan';
import { hits, node, recording, windowOf } from '../support/builders';

const ten = () =>
  windowOf(recording({ root: node('(root)', [], node('f', hits(10))), samplesTaken: 10 }), 0.125);

describe('ProfileSpanRecorder', () => {
  it('merges all windows since the last call into one', () => {
    const recorder = new ProfileSpanRecorder();
    for (let i = 0; i < 100; i++) recorder.offer(ten());
    const first = recorder.take();
    assert.equal(first.samples.taken, 1_000);
    assert.equal(first.root?.children[0]?.contexts?.length, 1_000);
    assert.equal(first.durationMillis, 100_000);
    recorder.offer(ten());
    assert.equal(recorder.take().samples.taken, 10);
  });

  it('returns the same window again if there is no new one', () => {
    const recorder = new ProfileSpanRecorder();
    recorder.offer(ten());
    assert.equal(recorder.take(), recorder.take());
  });

  it('drops samples beyond its limit, reports an overflow and keeps their CPU', () => {
    const recorder = new ProfileSpanRecorder(25);
    for (let i = 0; i < 5; i++) recorder.offer(ten());
    const window = recorder.take();
    assert.equal(window.incompleteReason, 'overflow');
    assert.deepEqual({ ...window.samples }, { taken: 30, lost: 20 });
    assert.equal(window.root?.children[0]?.contexts?.length, 30);
    assert.equal(window.cpu.processSeconds, 0.625);
    // The next windows have the full limit again.
    recorder.offer(ten());
    assert.equal(recorder.take().complete, true);
  });

  it('throws before its first window', () => {
    assert.throws(() => new ProfileSpanRecorder().take(), /no window yet/);
  });

  it('merges each window when it arrives, so that the end of a span is no more work', () => {
    let reads = 0;
    const recorder = new ProfileSpanRecorder();
    for (let i = 0; i < 100; i++) {
      const window = ten();
      const { root } = window;
      const counted = Object.defineProperty({ ...window }, 'root', {
        get() {
          reads++;
          return root;
        },
      });
      recorder.offer(counted);
    }
    reads = 0;
    assert.equal(recorder.take().root?.children[0]?.contexts?.length, 1_000);
    assert.equal(reads, 0);
  });
});
