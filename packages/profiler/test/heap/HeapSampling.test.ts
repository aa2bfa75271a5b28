import assert from 'node:assert/strict';
import { SamplerUnavailableError } from '../../src/base/errors';
import { HeapSampling, allocatedBytes, isSampling } from '../../src/heap/HeapSampling';
import { FakeClock } from '../support/FakeClock';
import { FakeNativeHeap, countObjects } from '../support/FakeNativeHeap';

/** More than the 100,000 samples that the buffer may hold. */
const FULL = 100_001;

describe('HeapSampling', () => {
  const setup = (allocations: boolean) => {
    const native = new FakeNativeHeap();
    const clock = new FakeClock();
    const isolate = { allocated: 1_000_000 as number | undefined };
    const options = { intervalBytes: 1_024, stackDepth: 8, allocations };
    const sampling = new HeapSampling(
      { native, clock, allocatedBytes: () => isolate.allocated },
      options,
    );
    const fill = () => (isolate.allocated! += FULL * 1_024);
    return { native, clock, isolate, sampling, fill };
  };

  it('reads the memory in use, and with allocations also everything allocated', () => {
    for (const [allocations, expected] of [
      [false, { a: [2], b: [0] }],
      [true, { a: [2, 2], b: [0, 3] }],
    ] as const) {
      const { native, sampling } = setup(allocations);
      native.allocate('a', 2);
      native.allocate('b', 3);
      native.free('b');
      assert.deepEqual(countObjects(sampling.read()), expected);
      sampling.stop();
    }
  });

  it('empties a full buffer after a read, and keeps the allocation totals', () => {
    const { native, clock, sampling, fill } = setup(true);
    native.allocate('a', 2);
    fill();
    clock.advance(1);
    assert.deepEqual(countObjects(sampling.read()), { a: [2, 2] });
    assert.equal(native.buffered, 0);
    assert.equal(sampling.inuseSince, FakeClock.EPOCH + 1);
    native.allocate('a', 1);
    assert.deepEqual(countObjects(sampling.read()), { a: [1, 3] });
    assert.equal(native.buffered, 1);
  });

  it('empties a full buffer while nobody reads', () => {
    const { native, clock, sampling, fill } = setup(true);
    for (let i = 0; i < 3; i++) {
      native.allocate('a', 2);
      fill();
      clock.advance(10_000);
      assert.equal(native.buffered, 0);
    }
    assert.deepEqual(countObjects(sampling.read()), { a: [0, 6] });
    native.allocate('a', 2);
    clock.advance(100_000);
    assert.equal(native.buffered, 2, 'the buffer was emptied although it was not full');
  });

  it('empties the buffer at each check if the runtime does not count allocated bytes', () => {
    const { native, clock, isolate, sampling } = setup(true);
    isolate.allocated = undefined;
    native.allocate('a', 2);
    clock.advance(10_000);
    assert.equal(native.buffered, 0);
    assert.deepEqual(countObjects(sampling.read()), { a: [0, 2] });
  });

  it('does not empty the buffer without allocations, because the garbage collector does', () => {
    const { native, clock, sampling, fill } = setup(false);
    native.allocate('a', 2);
    fill();
    clock.advance(100_000);
    sampling.read();
    assert.equal(native.buffered, 2);
    assert.equal(clock.pendingTimers, 0);
  });

  it('continues to watch for the end of memory after it has emptied the buffer', () => {
    const { native, sampling, fill } = setup(true);
    sampling.monitorOutOfMemory([1, 2, 3]);
    fill();
    sampling.read();
    assert.deepEqual(native.outOfMemory, [1, 2, 3]);
    sampling.ignoreOutOfMemory();
    assert.deepEqual(native.outOfMemory, [0, 0, false, [], undefined, 1, true, false]);
    fill();
    sampling.read();
    assert.equal(native.outOfMemory, undefined);
  });

  it('does not call the native library to stop watching for the end of memory if it never watched', () => {
    const { native, sampling } = setup(false);
    sampling.ignoreOutOfMemory();
    assert.equal(native.outOfMemory, undefined);
  });

  for (const [what, meddle] of [
    ['stops', (native) => native.stopSamplingHeapProfiler()],
    ['changes', (native) => void (native.sampling = 'live')],
  ] as [string, (native: FakeNativeHeap) => void][]) {
    it(`is lost after other code ${what} the sampling, and throws at every read`, () => {
      const { native, clock, sampling, fill } = setup(true);
      native.allocate('a', 1);
      meddle(native);
      native.allocate('a', 1);
      fill();
      clock.advance(10_000);
      for (let i = 0; i < 2; i++) assert.throws(() => sampling.read(), SamplerUnavailableError);
      assert.equal(sampling.isOn(), false);
      assert.equal(clock.pendingTimers, 0);
    });
  }

  it('does not stop a sampling that other code started after its own was lost', () => {
    const { native, sampling } = setup(false);
    native.stopSamplingHeapProfiler();
    assert.throws(() => sampling.read(), /close this reader and open another/);
    native.startSamplingHeapProfiler(1, 1, false);
    sampling.stop();
    assert.equal(native.sampling, 'live');
    sampling.ignoreOutOfMemory();
  });

  it('leaves no timer', () => {
    const { native, clock, sampling } = setup(true);
    assert.equal(clock.pendingTimers, 1);
    sampling.stop();
    assert.equal(clock.pendingTimers, 0);
    assert.equal(native.sampling, 'off');
  });
});

describe('isSampling', () => {
  it('is true for any sampling, regardless of who started it', () => {
    const native = new FakeNativeHeap();
    assert.equal(isSampling(native), false);
    for (const mode of ['live', 'allocations'] as const) {
      native.sampling = mode;
      assert.equal(isSampling(native), true);
    }
  });
});

describe('allocatedBytes', () => {
  it('grows with allocations, or is unknown', () => {
    const before = allocatedBytes();
    const made = new Array(1_000_000).fill(0);
    const after = allocatedBytes();
    assert.equal(made.length, 1_000_000);
    if (before !== undefined) assert.ok(after! - before >= 8_000_000, `${before} ${after}`);
  });
});
