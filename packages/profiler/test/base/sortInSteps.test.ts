import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sortInSteps } from '../../src/base/sortInSteps';
import { createDice } from '../support/createDice';
import { countSteps } from '../support/countSteps';

describe('sortInSteps', () => {
  it('sorts as Array.prototype.sort does, equal values included', () => {
    // Lengths around and beyond one piece of 2,000.
    const lengths = fc.constantFrom(0, 1, 2, 1_999, 2_000, 2_001, 4_000, 7_777);
    fc.assert(
      fc.property(
        lengths,
        fc.integer(),
        fc.integer({ min: 1, max: 10_000 }),
        (length, seed, max) => {
          const dice = createDice(seed);
          const items = Array.from({ length }, (_, index) => ({ index, key: dice(max) }));
          const before = [...items];
          const { result } = countSteps(sortInSteps(items, ({ key }) => key));
          assert.deepEqual(
            result,
            [...items].sort((a, b) => a.key - b.key),
          );
          assert.deepEqual(items, before);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads at most the values of one sorted piece in a step', () => {
    const dice = createDice(1);
    const items = Array.from({ length: 100_000 }, () => dice(1_000_000));
    let reads = 0;
    const most: number[] = [];
    const steps = sortInSteps(items, (item) => {
      reads++;
      return item;
    });
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      most.push(reads);
      reads = 0;
    }
    // 2,000 items are sorted with at most 2,000 x 11 comparisons of two values each.
    assert.ok(Math.max(...most) <= 44_000, `${Math.max(...most)} reads`);
  });
});
