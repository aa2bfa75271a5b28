import assert from 'node:assert/strict';
import { LineProfiler, type LineRecording } from '../../src/lines/LineProfiler';
import type { InspectorProfile, LineSampler } from '../../src/lines/LineSampler';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';

/** A sampler whose n-th recording starts at time n. */
class FakeLineSampler implements LineSampler {
  /** The interval of each start. */
  readonly starts: number[] = [];
  running = false;
  recordings = 0;
  startError: Error | undefined;
  cutError: Error | undefined;

  onDeaf: () => void = () => undefined;

  start(intervalMicros: number, onDeaf: () => void): void {
    this.onDeaf = onDeaf;
    assert.equal(this.running, false);
    if (this.startError !== undefined) throw this.startError;
    this.running = true;
    this.starts.push(intervalMicros);
  }

  cut(): InspectorProfile {
    if (this.cutError === undefined) return this.ended();
    this.running = false;
    throw this.cutError;
  }

  stop(): InspectorProfile {
    const profile = this.ended();
    this.running = false;
    return profile;
  }

  private ended(): InspectorProfile {
    assert.equal(this.running, true);
    return { nodes: [], startTime: ++this.recordings, endTime: 0 };
  }
}

describe('LineProfiler', () => {
  function setUp() {
    const [sampler, clock] = [new FakeLineSampler(), new FakeClock()];
    const profiler = new LineProfiler({ sampler, clock, labels: new FakeLabels() });
    const open = (intervalMicros: number) => {
      const recordings: LineRecording[] = [];
      const stream = profiler.open(intervalMicros, (recording) => recordings.push(recording));
      const numbers = () => recordings.map(({ profile }) => profile.startTime);
      return { ...stream, recordings, numbers };
    };
    return { sampler, clock, open };
  }

  it('gives each reader the recordings of its time, and runs only while there is a reader', () => {
    const { sampler, clock, open } = setUp();
    const first = open(2_000);
    const second = open(1_000);
    second.close();
    assert.deepEqual(second.numbers(), [2]);
    const third = open(5_000);
    first.close();
    assert.deepEqual(first.numbers(), [1, 2, 3, 4]);
    assert.equal(sampler.running, true);
    third.close();
    assert.deepEqual(third.numbers(), [4, 5]);
    assert.equal(sampler.running, false);
    assert.equal(clock.pendingTimers, 0);
    // The third reader needs no other interval.
    assert.deepEqual(sampler.starts, [2_000, 1_000, 2_000, 5_000]);
  });

  it('cuts the recording of a long profile every 1,000 samples, without a restart', () => {
    const { sampler, clock, open } = setUp();
    const reader = open(1_000);
    clock.advance(60_000);
    assert.equal(reader.recordings.length, 60);
    assert.deepEqual(sampler.starts, [1_000]);
    const starts = reader.recordings.map(({ startMillis }) => startMillis - FakeClock.EPOCH);
    assert.deepEqual(starts.slice(0, 3), [0, 1_000, 2_000]);
    reader.close();
    assert.equal(reader.recordings.length, 61);
    assert.equal(clock.pendingTimers, 0);
  });

  it('continues after a cut, and records nothing after the end', () => {
    const { sampler, open } = setUp();
    const reader = open(1_000);
    reader.cut();
    assert.deepEqual(reader.recordings, [
      {
        profile: { nodes: [], startTime: 1, endTime: 0 },
        startMillis: FakeClock.EPOCH,
        intervalMicros: 1_000,
      },
    ]);
    reader.close();
    reader.close();
    reader.cut();
    assert.deepEqual(reader.numbers(), [1, 2]);
    assert.equal(sampler.running, false);
  });

  it('starts the sampler again when it gets no more signals, and keeps what it recorded', () => {
    const { sampler, open } = setUp();
    const reader = open(1_000);
    sampler.onDeaf();
    assert.deepEqual(sampler.starts, [1_000, 1_000]);
    reader.close();
    assert.deepEqual(reader.numbers(), [1, 2]);
    assert.equal(sampler.running, false);
  });

  it('forgets a reader for which the sampler does not start', () => {
    const { sampler, open } = setUp();
    sampler.startError = new Error('no inspector');
    assert.throws(() => open(1_000), sampler.startError);
    sampler.startError = undefined;
    const reader = open(1_000);
    reader.close();
    assert.deepEqual(reader.numbers(), [1]);
    assert.equal(sampler.running, false);
  });

  it('tells each reader once that a cut failed, and does not throw in the application', () => {
    const { sampler, clock, open } = setUp();
    const [one, two] = [open(1_000), open(1_000)];
    sampler.cutError = new Error('no answer');
    clock.advance(1_000);
    assert.deepEqual([one.numbers(), two.numbers()], [[1], []]);
    sampler.cutError = undefined;
    assert.throws(() => one.close(), /no answer/);
    one.close();
    // The end of the first reader has started the sampler again.
    assert.throws(() => two.close(), /no answer/);
    assert.deepEqual(two.numbers(), [2]);
    assert.equal(sampler.running, false);
    assert.equal(clock.pendingTimers, 0);
  });
});
