import assert from 'node:assert/strict';
import { SamplerUnavailableError } from '../../src/base/errors';
import { type HeapTreeReader, HeapProfiler } from '../../src/heap/HeapProfiler';
import { FakeClock } from '../support/FakeClock';
import { FakeNativeHeap, countObjects } from '../support/FakeNativeHeap';

const LIVE = { intervalBytes: 1_024, stackDepth: 8, allocations: false };
const ALL = { ...LIVE, allocations: true };

describe('HeapProfiler', () => {
  const setup = () => {
    const native = new FakeNativeHeap();
    const clock = new FakeClock();
    const isolate = { allocated: 0 };
    const heap = new HeapProfiler({ native, clock, allocatedBytes: () => isolate.allocated });
    return { native, clock, isolate, heap };
  };

  it('samples from the opening of the first reader to the closing of the last one', () => {
    const { native, heap } = setup();
    assert.equal(native.sampling, 'off');
    const [first, second] = [heap.open(LIVE), heap.open(LIVE)];
    first.close();
    first.close();
    assert.equal(native.sampling, 'live');
    second.close();
    assert.equal(native.sampling, 'off');
  });

  it('shows a later reader the objects in use that were allocated before it was opened', () => {
    const { native, heap } = setup();
    const first = heap.open(LIVE);
    native.allocate('a', 1);
    const second = heap.open({ ...LIVE, intervalBytes: 4_096, stackDepth: 1 });
    assert.equal(second.sampling.options.intervalBytes, 1_024);
    for (const reader of [first, second]) assert.deepEqual(countObjects(reader.read()), { a: [1] });
  });

  it('shows each reader what was allocated since it was opened, regardless of other reads', () => {
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

  it('serves a reader without allocations beside a reader with them', () => {
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

  it('refuses allocations beside readers without them, which would lose their samples', () => {
    const { native, heap } = setup();
    const live = heap.open(LIVE);
    native.allocate('a', 1);
    assert.throws(() => heap.open(ALL), /sampled without allocations.*open the reader with/s);
    assert.deepEqual(countObjects(live.read()), { a: [1] });
    live.close();
    heap.open(ALL).close();
  });

  it('refuses allocations if the runtime cannot sample them', () => {
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

  it('does not touch a sampling of other code', () => {
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

  it('finds out whether the runtime can sample allocations without disturbing a reader', () => {
    const { native, heap } = setup();
    const reader = heap.open(LIVE);
    native.allocate('a', 1);
    const { starts } = native;
    assert.deepEqual(heap.support(), { supported: true, allocations: true });
    assert.equal(native.starts, starts);
    assert.deepEqual(countObjects(reader.read()), { a: [1] });
  });

  it('starts a new sampling for later readers after other code stopped the first one', () => {
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

  it('throws when a closed reader is read', () => {
    const { heap } = setup();
    const [reader, other] = [heap.open(LIVE), heap.open(LIVE)];
    reader.close();
    for (const read of ['read', 'restart'] as const) {
      assert.throws(() => reader[read](), /this heap reader is closed/);
    }
    other.close();
  });

  it('leaves nothing behind, regardless of the order in which readers come and go', () => {
    const { native, clock, heap } = setup();
    let state = 42;
    const below = (n: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % n;
    const open: HeapTreeReader[] = [];
    for (let i = 0; i < 1_000; i++) {
      const options = native.sampling === 'live' || below(2) === 0 ? LIVE : ALL;
      if (open.length < 5 && below(2) === 0) open.push(heap.open(options));
      else open.splice(below(open.length), 1)[0]?.close();
      assert.equal(native.sampling === 'off', open.length === 0);
      assert.equal(clock.pendingTimers, native.sampling === 'allocations' ? 1 : 0);
      native.allocate('a', 1);
      open[0]?.restart();
    }
    for (const reader of open) reader.close();
    assert.equal(native.sampling, 'off');
    assert.equal(clock.pendingTimers, 0);
  });
});
