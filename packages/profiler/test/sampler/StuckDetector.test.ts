import assert from 'node:assert/strict';
import { StuckDetector } from '../../src/sampler/StuckDetector';

/** Results of the native part. */
const [HITS, NO_HITS] = [0, 2];

describe('StuckDetector', () => {
  it('judges a recording by its samples and its length', () => {
    for (const [detected, samples, intervals, stuck] of [
      [NO_HITS, 4, 11, true],
      [HITS, 4, 11, false],
      // The first samples may not have arrived yet.
      [NO_HITS, 3, 11, false],
      // A profiler by line may have sent these signals.
      [NO_HITS, 30, 10, false],
    ] as const) {
      assert.equal(new StuckDetector().isStuck(detected, samples, intervals), stuck);
    }
  });

  it('judges recordings without a hit together, as each can be too short', () => {
    const detector = new StuckDetector();
    const short = (detected = NO_HITS): boolean => detector.isStuck(detected, 2, 2);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 10; i++) assert.equal(short(), false);
      assert.equal(short(), true);
    }
    for (let i = 0; i < 10; i++) assert.equal(short(), false);
    assert.equal(short(HITS), false);
    for (let i = 0; i < 10; i++) assert.equal(short(), false);
    detector.reset();
    assert.equal(short(), false);
  });

  it('does not count the signals of a profiler by line, nor intervals without a signal', () => {
    const detector = new StuckDetector();
    for (let i = 0; i < 100; i++) assert.equal(detector.isStuck(NO_HITS, 20, 0.2), false);
    detector.reset();
    for (let i = 0; i < 100; i++) assert.equal(detector.isStuck(NO_HITS, 0.2, 20), false);
  });
});
