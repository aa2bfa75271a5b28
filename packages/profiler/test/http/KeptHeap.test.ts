import assert from 'node:assert/strict';
import { KeptHeap } from '../../src/http/KeptHeap';
import { LogSpy } from '../support/LogSpy';
import { FakeHeap } from '../support/PprofHarness';
import { plain } from '../support/pprof';

describe('KeptHeap', () => {
  it('samples from the beginning to the end', () => {
    const heap = new FakeHeap();
    const kept = new KeptHeap(heap, { intervalBytes: 4_096, allocations: true }, new LogSpy());
    assert.deepEqual(heap.opened, [{ intervalBytes: 4_096, allocations: true }]);
    assert.ok(kept.allocations);
    assert.deepEqual(plain(kept.profile())[0]?.values, [1, 100]);
    kept.close();
    kept.close();
    assert.equal(heap.open_.size, 0);
  });

  it('begins anew after somebody else has stopped it', () => {
    const heap = new FakeHeap();
    const kept = new KeptHeap(heap, {}, new LogSpy());
    heap.failure = new Error('stopped');
    assert.throws(() => kept.profile(), /stopped/);
    assert.equal(heap.open_.size, 0);
    heap.failure = undefined;
    kept.profile();
    assert.equal(heap.opened.length, 2);
  });

  it('reports that it does not start, and tries again', () => {
    const heap = new FakeHeap();
    heap.failure = new Error('taken');
    const logger = new LogSpy();
    const kept = new KeptHeap(heap, {}, logger);
    assert.match(logger.lines[0]?.message ?? '', /^rulescope: the heap is not sampled/);
    assert.throws(() => kept.profile(), /taken/);
    heap.failure = undefined;
    kept.profile();
  });
});
