import assert from 'node:assert/strict';
import { sparedSamples } from '../../src/model/sparedSamples';

describe('sparedSamples', () => {
  it('counts the intervals of each wait but one', () => {
    assert.equal(sparedSamples([], 10_000), 0);
    assert.equal(sparedSamples([50_000], 10_000), 4);
    assert.equal(sparedSamples([50_000, 21_000], 10_000), 5);
  });

  it('takes a wait of less than one and a half intervals for one that was spared nothing', () => {
    assert.equal(sparedSamples([0, 3_000, 10_000, 14_999], 10_000), 0);
    assert.equal(sparedSamples([15_001], 10_000), 1);
  });
});
