import assert from 'node:assert/strict';
import { ThreadRates } from '../src/ThreadRates';

describe('ThreadRates', () => {
  const newSeries = () => ({ usage: 0, standardError: 0 });

  it('sums the last window of every thread; standard errors add in squares', () => {
    const [a, b] = [newSeries(), newSeries()];
    const rates = new ThreadRates<typeof a>();
    rates.set(0, new Map([[a, { usage: 0.25, variance: 9 }]]));
    rates.set(
      1,
      new Map([
        [a, { usage: 0.5, variance: 16 }],
        [b, { usage: 1, variance: 4 }],
      ]),
    );
    assert.deepEqual(a, { usage: 0.75, standardError: 5 });
    assert.deepEqual(b, { usage: 1, standardError: 2 });
  });

  it('replaces the rates of the window before', () => {
    const [a, b] = [newSeries(), newSeries()];
    const rates = new ThreadRates<typeof a>();
    rates.set(0, new Map([[a, { usage: 0.25, variance: 9 }]]));
    rates.set(1, new Map([[a, { usage: 0.5, variance: 16 }]]));
    rates.set(1, new Map([[b, { usage: 0.5, variance: 1 }]]));
    assert.deepEqual(a, { usage: 0.25, standardError: 3 });
    assert.deepEqual(b, { usage: 0.5, standardError: 1 });
    rates.set(0, new Map());
    rates.set(1, new Map());
    assert.deepEqual([a, b], [newSeries(), newSeries()]);
  });

  it('ends the rates of one series, or of all, in all threads', () => {
    const [a, b] = [newSeries(), newSeries()];
    const rates = new ThreadRates<typeof a>();
    const set = (threadId: number): void => {
      const rate = { usage: 1, variance: 4 };
      rates.set(threadId, new Map([[a, rate], [b, rate]])); // prettier-ignore
    };
    set(0);
    set(1);
    rates.delete(a);
    assert.deepEqual([a, b], [newSeries(), { usage: 2, standardError: Math.sqrt(8) }]);
    rates.set(0, new Map());
    assert.deepEqual([a, b], [newSeries(), { usage: 1, standardError: 2 }]);
    rates.clear();
    assert.deepEqual([a, b], [newSeries(), newSeries()]);
    set(1);
    assert.deepEqual(a, { usage: 1, standardError: 2 });
  });

  it('keeps nothing of 1,000 threads whose series have ended', () => {
    const a = newSeries();
    const rates = new ThreadRates<typeof a>();
    for (let id = 1; id <= 1_000; id++) rates.set(id, new Map([[a, { usage: 1, variance: 0 }]]));
    const { byThread } = rates as unknown as { byThread: ReadonlyMap<number, unknown> };
    assert.equal(byThread.size, 1_000);
    rates.delete(a);
    assert.equal(byThread.size, 0);
  });

  it('does not drift over 1,000 windows', () => {
    const a = newSeries();
    const rates = new ThreadRates<typeof a>();
    rates.set(0, new Map([[a, { usage: 0.1, variance: 0.01 }]]));
    for (let i = 1; i <= 1_000; i++) {
      rates.set(1, new Map([[a, { usage: 1 / i, variance: 1 / i }]]));
    }
    rates.set(1, new Map());
    assert.deepEqual(a, { usage: 0.1, standardError: 0.1 });
  });
});
