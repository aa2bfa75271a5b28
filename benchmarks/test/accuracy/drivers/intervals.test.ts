import assert from 'node:assert/strict';
import { correctPeriod } from '../../../src/accuracy/drivers/intervals';

describe('correctPeriod', () => {
  it('reaches the wanted rate even if the event loop makes each period longer', () => {
    const [wantedMillis, delayMillis] = [10, 3];
    let periodMillis = wantedMillis;
    for (let i = 0; i < 20; i++) {
      periodMillis = correctPeriod(periodMillis, wantedMillis / (periodMillis + delayMillis));
    }
    assert(Math.abs(periodMillis - (wantedMillis - delayMillis)) < 0.01, `${periodMillis} ms`);
  });

  it('changes a period by a fifth at most', () => {
    assert.equal(correctPeriod(100, 0), 80);
    assert.equal(correctPeriod(100, 10), 120);
  });

  it('returns no period below 1 ms, the shortest timer', () => {
    assert.equal(correctPeriod(1, 0.5), 1);
  });
});
