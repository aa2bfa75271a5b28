import assert from 'node:assert/strict';
import { SamplerUnavailableError } from '../../src/base/errors';
import { type HeapTap, SharedHeap } from '../../src/heap/SharedHeap';
import { FakeClock } from '../support/FakeClock';
import { FakeNativeHeap, countObjects } from '../support/FakeNativeHeap';

const LIVE = { intervalBytes: 1_024, stackDepth: 8, allocations: false };
const ALL = { ...LIVE, allocations: true };

describe('SharedHeap', () => {
  const setup = () => {
    const native = new FakeNativeHeap();
    const clock = new FakeClock();
    const isolate = { allocated: 0 };
    const heap = new SharedHeap({ native, clock, allocatedBytes: () => isolate.allocated });
    return { native, clock, isolate, heap };
  };

  it('samples from the first reader to the last', () => {
    const { native, heap } = setup();
    assert.equal(native.sampling, 'off');
    const [first, second] = [heap.open(LIVE), heap.open(LIVE)];
    first.close();
    first.close();
    assert.equal(native.sampling, 'live');
    second.close();
    assert.equal(native.sampling, 'off');
  });

  it('shows a later reader what is in use since before it came', () => {
    const { native, heap } = setup();
    const first = heap.open(LIVE);
    native.allocate('a', 1);
    const second = heap.open({ ...LIVE, intervalBytes: 4_096, stackDepth: 1 });
    assert.equal(second.sampling.options.intervalBytes, 1_024);
    for (const tap of [first, second]) assert.deepEqual(countObjects(tap.read()), { a: [1] });
  });

  it('gives each reader what was allocated since it came, whatever the others read', () => {
    const { native, heap, isolate } = setup();
    const first = heap.open(ALL);
    native.allocate('a', 1);
    const second = heap.open(ALL);
    native.allocate('a', 2);
    assert.deepEqual(countObjects(second.restart()), { a: [3, 2] });
    native.allocate('a', 4);
    assert.deepEqual(countObjects(first.read()), { a: [7, 7] });
    assert.deepEqual(countObjects(second.restart()), { a: [7, 4] });
    assert.deepEqual(countObjects(second.read()), { a: [7, 0] });
    isolate.allocated += 2 ** 40;
    first.read();
    native.allocate('a', 8);
    assert.deepEqual(countObjects(first.read()), { a: [8, 15] });
    assert.deepEqual(countObjects(second.read()), { a: [8, 8] });
  });

  it('lets a reader without allocations read beside one with them', () => {
    const { native, heap } = setup();
    const all = heap.open(ALL);
    const live = heap.open(LIVE);
    native.allocate('a', 2);
    native.allocate('b', 2);
    native.free('b');
    assert.equal(live.allocations, false);
    assert.deepEqual(countObjects(live.restart()), { a: [2] });
    assert.deepEqual(countObjects(all.read()), { a: [2, 2], b: [0, 2] });
  });

  it('refuses allocations beside readers without, whose history they would cost', () => {
    const { native, heap } = setup();
    const live = heap.open(LIVE);
    native.allocate('a', 1);
    assert.throws(() => heap.open(ALL), /sampled without allocations.*open the reader with/s);
    assert.deepEqual(countObjects(live.read()), { a: [1] });
    live.close();
    heap.open(ALL).close();
  });

  it('refuses allocations where the runtime cannot', () => {
    const { native, heap } = setup();
    native.allocationsWork = false;
    const refused = (thrown: unknown) =>
      thrown instanceof SamplerUnavailableError && thrown.message === 'no allocations here';
    assert.throws(() => heap.open(ALL), refused);
    assert.equal(native.sampling, 'off');
    const live = heap.open(LIVE);
    assert.throws(() => heap.open(ALL), refused);
    live.close();
    assert.deepEqual(heap.support(), {
      supported: true,
      allocations: false,
      reason: 'no allocations here',
    });
  });

  it('touches nothing of somebody else who samples', () => {
    const { native, heap } = setup();
    native.startSamplingHeapProfiler(1, 1, false);
    native.allocate('a', 1);
    for (const options of [LIVE, ALL]) assert.throws(() => heap.open(options), /already on/);
    const { supported, allocations, reason } = heap.support();
    assert.deepEqual([supported, allocations], [false, false]);
    assert.match(reason!, /node:inspector.*Stop it there/s);
    assert.equal(native.buffered, 1);
    native.stopSamplingHeapProfiler();
    assert.deepEqual(heap.support(), { supported: true, allocations: true });
    heap.open(LIVE).close();
  });

  it('finds out what the runtime can without disturbing a reader', () => {
    const { native, heap } = setup();
    const tap = heap.open(LIVE);
    native.allocate('a', 1);
    const { starts } = native;
    assert.deepEqual(heap.support(), { supported: true, allocations: true });
    assert.equal(native.starts, starts);
    assert.deepEqual(countObjects(tap.read()), { a: [1] });
  });

  it('begins anew for those who come after somebody stopped it', () => {
    const { native, heap } = setup();
    const old = heap.open(LIVE);
    native.stopSamplingHeapProfiler();
    const young = heap.open(LIVE);
    native.allocate('a', 1);
    assert.throws(() => old.read(), SamplerUnavailableError);
    old.close();
    assert.deepEqual(countObjects(young.read()), { a: [1] });
    young.close();
    assert.equal(native.sampling, 'off');
  });

  it('is not read after it was closed', () => {
    const { heap } = setup();
    const [tap, other] = [heap.open(LIVE), heap.open(LIVE)];
    tap.close();
    for (const read of ['read', 'restart'] as const) {
      assert.throws(() => tap[read](), /this reader of the heap is closed/);
    }
    other.close();
  });

  it('leaves nothing behind, in whatever order readers come and go', () => {
    const { native, clock, heap } = setup();
    let state = 42;
    const below = (n: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % n;
    const open: HeapTap[] = [];
    for (let i = 0; i < 1_000; i++) {
      const options = native.sampling === 'live' || below(2) === 0 ? LIVE : ALL;
      if (open.length < 5 && below(2) === 0) open.push(heap.open(options));
      else open.splice(below(open.length), 1)[0]?.close();
      assert.equal(native.sampling === 'off', open.length === 0);
      assert.equal(clock.pendingTimers, native.sampling === 'allocations' ? 1 : 0);
      native.allocate('a', 1);
      open[0]?.restart();
    }
    for (const tap of open) tap.close();
    assert.equal(native.sampling, 'off');
    assert.equal(clock.pendingTimers, 0);
  });
});
