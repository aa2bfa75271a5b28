import assert from 'node:assert/strict';
import { LineProfiler } from '../../src/lines/LineProfiler';
import type { InspectorProfile, LineSampler } from '../../src/lines/LineSampler';

/** A sampler whose n-th recording starts at time n. */
class FakeLineSampler implements LineSampler {
  readonly intervals: number[] = [];
  running = false;
  startError: Error | undefined;

  onDeaf: () => void = () => undefined;

  start(intervalMicros: number, onDeaf: () => void): void {
    this.onDeaf = onDeaf;
    assert.equal(this.running, false);
    if (this.startError !== undefined) throw this.startError;
    this.running = true;
    this.intervals.push(intervalMicros);
  }

  stop(): InspectorProfile {
    assert.equal(this.running, true);
    this.running = false;
    return { nodes: [], startTime: this.intervals.length, endTime: 0 };
  }
}

describe('LineProfiler', () => {
  function setUp() {
    const sampler = new FakeLineSampler();
    return { sampler, profiler: new LineProfiler(sampler, () => 42) };
  }
  const numbers = (recordings: { profile: InspectorProfile }[]) =>
    recordings.map(({ profile }) => profile.startTime);

  it('gives each reader the recordings of its time, and runs only while there is a reader', () => {
    const { sampler, profiler } = setUp();
    const first = profiler.open(2_000);
    const second = profiler.open(1_000);
    assert.deepEqual(numbers(second.close()), [2]);
    const third = profiler.open(5_000);
    assert.deepEqual(numbers(first.close()), [1, 2, 3, 4]);
    assert.equal(sampler.running, true);
    assert.deepEqual(numbers(third.close()), [4, 5]);
    assert.equal(sampler.running, false);
    assert.deepEqual(sampler.intervals, [2_000, 1_000, 2_000, 2_000, 5_000]);
  });

  it('continues after a cut, and returns nothing after the end', () => {
    const { sampler, profiler } = setUp();
    const span = profiler.open(1_000);
    assert.deepEqual(span.cut(), [
      { profile: { nodes: [], startTime: 1, endTime: 0 }, startMillis: 42, intervalMicros: 1_000 },
    ]);
    assert.deepEqual(numbers(span.close()), [2]);
    assert.deepEqual(span.close(), []);
    assert.deepEqual(span.cut(), []);
    assert.equal(sampler.running, false);
  });

  it('starts the sampler again when it gets no more signals, and keeps what it recorded', () => {
    const { sampler, profiler } = setUp();
    const span = profiler.open(1_000);
    sampler.onDeaf();
    assert.deepEqual(numbers(span.close()), [1, 2]);
    assert.equal(sampler.running, false);
  });

  it('forgets a reader for which the sampler does not start', () => {
    const { sampler, profiler } = setUp();
    sampler.startError = new Error('no inspector');
    assert.throws(() => profiler.open(1_000), sampler.startError);
    sampler.startError = undefined;
    const span = profiler.open(1_000);
    assert.deepEqual(numbers(span.close()), [1]);
    assert.equal(sampler.running, false);
  });
});
