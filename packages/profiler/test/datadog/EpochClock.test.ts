import assert from 'node:assert/strict';
import { EpochClock } from '../../src/datadog/EpochClock';

/** Each reading of either clock takes `readingMicros`. */
class FakeTime {
  micros = 123_456;
  offset = 5_000_000_000_250;
  readingMicros = 3;

  readonly clock = new EpochClock(
    () => this.read(),
    () => Math.floor((this.read() + this.offset) / 1000),
  );

  private read(): number {
    return (this.micros += this.readingMicros);
  }
}

describe('EpochClock', () => {
  it('finds the offset far finer than a millisecond', () => {
    const time = new FakeTime();
    const found = time.clock.epochOffsetMicros();
    assert.ok(Math.abs(found - time.offset) <= 10, `${found} is not ${time.offset}`);
  });

  it('need not search again', () => {
    const time = new FakeTime();
    time.clock.epochOffsetMicros();
    const before = time.micros;
    time.clock.epochOffsetMicros();
    assert.ok(time.micros - before < 50);
  });

  it('notices that the clock was set', () => {
    const time = new FakeTime();
    time.clock.epochOffsetMicros();
    time.offset += 3_600_000_000;
    const found = time.clock.epochOffsetMicros();
    assert.ok(Math.abs(found - time.offset) <= 10, `${found} is not ${time.offset}`);
  });

  it('gives up on exactness when each reading takes long', () => {
    const time = new FakeTime();
    time.readingMicros = 400;
    const before = time.micros;
    const found = time.clock.epochOffsetMicros();
    assert.ok(time.micros - before < 6_000);
    assert.ok(Math.abs(found - time.offset) < 1_500);
  });

  it('reads a clock that never jumps', () => {
    const time = new FakeTime();
    assert.equal(time.clock.monotonicMicros(), 123_459);
  });
});
