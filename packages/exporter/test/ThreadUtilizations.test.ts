import assert from 'node:assert/strict';
import { ThreadUtilizations } from '../src/ThreadUtilizations';

describe('ThreadUtilizations', () => {
  it('sums what the last window of every thread says', () => {
    const [a, b] = [{ utilization: 0 }, { utilization: 0 }];
    const utilizations = new ThreadUtilizations<typeof a>();
    utilizations.set(0, new Map([[a, 0.25]]));
    utilizations.set(1, new Map([[a, 0.5], [b, 1]])); // prettier-ignore
    assert.deepEqual([a.utilization, b.utilization], [0.75, 1]);
    utilizations.set(1, new Map([[b, 0.5]]));
    assert.deepEqual([a.utilization, b.utilization], [0.25, 0.5]);
    utilizations.set(0, new Map());
    utilizations.set(1, new Map());
    assert.deepEqual([a.utilization, b.utilization], [0, 0]);
  });
});
