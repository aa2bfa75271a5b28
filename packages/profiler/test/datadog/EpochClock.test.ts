import assert from 'node:assert/strict';
import { EpochClock } from '../../src/datadog/EpochClock';

/** A pair of clocks. Each reading of a clock takes `readingMicros`. */
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
  it('finds the offset to within 10 microseconds', () => {
    const time = new FakeTime();
    const found = time.clock.epochOffsetMicros();
    assert.ok(Math.abs(found - time.offset) <= 10, `${found} is not ${time.offset}`);
  });

  it('does not search for a known offset again', () => {
    const time = new FakeTime();
    time.clock.epochOffsetMicros();
    const before = time.micros;
    time.clock.epochOffsetMicros();
    assert.ok(time.micros - before < 50);
  });

  it('notices when the clock is set', () => {
    const time = new FakeTime();
    time.clock.epochOffsetMicros();
    time.offset += 3_600_000_000;
    const found = time.clock.epochOffsetMicros();
    assert.ok(Math.abs(found - time.offset) <= 10, `${found} is not ${time.offset}`);
  });

  it('is less exact, but not slow, when each reading takes long', () => {
    const time = new FakeTime();
    time.readingMicros = 400;
    const before = time.micros;
    const found = time.clock.epochOffsetMicros();
    assert.ok(time.micros - before < 6_000);
    assert.ok(Math.abs(found - time.offset) < 1_500);
  });

  it('reads the monotonic clock', () => {
    const time = new FakeTime();
    assert.equal(time.clock.monotonicMicros(), 123_459);
  });
});
