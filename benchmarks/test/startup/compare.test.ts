import assert from 'node:assert/strict';
import { compareCpu, findMisses, medianInterval } from '../../src/startup/compare';

/** 1 to `count`, in an order that is not sorted. */
function shuffled(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 7) % count) + 1);
}

describe('the comparison of start-up CPU', () => {
  it('has the medians and their ratio', () => {
    const { medianMillis, ratioOfMedians } = compareCpu([100, 300, 200], [110, 220, 900]);
    assert.equal(medianMillis, 220);
    assert.equal(ratioOfMedians, 1.1);
  });

  it('pairs round by round: a slow round changes both sides of its ratio alone', () => {
    const base = [100, 100, 1000, 100, 100, 100, 100];
    const other = base.map((millis) => millis * 1.25);
    const { pairedRatio, pairedInterval } = compareCpu(base, other);
    assert.equal(pairedRatio, 1.25);
    assert.deepEqual(pairedInterval, [1.25, 1.25]);
  });
});

describe('the interval of a median', () => {
  // The ranks are in every table of the sign test.
  for (const [count, low, high] of [
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [20, 6, 15],
    [25, 8, 18],
  ] as const) {
    it(`is from the value ${low} to the value ${high} of ${count}`, () => {
      assert.deepEqual(medianInterval(shuffled(count)), [low, high]);
    });
  }

  it('is as wide as 41 values need and no wider', () => {
    assert.deepEqual(medianInterval(shuffled(41)), [14, 28]);
  });

  it('is not known from five values', () => {
    assert.deepEqual(medianInterval([1, 2, 3, 4, 5]), [NaN, NaN]);
  });
});

describe('the bounds of start-up', () => {
  const cpu = { ratioOfMedians: 1.05 };
  const loaded = { ownModules: 70, natives: [] };

  it('hold at their limits', () => {
    assert.deepEqual(findMisses(cpu, loaded), []);
  });

  it('are named when they are missed', () => {
    assert.match(String(findMisses({ ratioOfMedians: 1.0501 }, loaded)), /^CPU is 1\.0501 x/);
    assert.match(String(findMisses(cpu, { ...loaded, ownModules: 71 })), /^71 modules of ours/);
    assert.match(String(findMisses(cpu, { ...loaded, natives: ['a.node'] })), /native.*a\.node/);
    assert.equal(findMisses({ ratioOfMedians: NaN }, { ownModules: 71, natives: ['a'] }).length, 3);
  });
});
