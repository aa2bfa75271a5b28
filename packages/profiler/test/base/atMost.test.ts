import assert from 'node:assert/strict';
import { atMost } from '../../src/base/atMost';

describe('atMost', () => {
  it('fulfills when the work has, long before the time is over', async () => {
    let done = false;
    const work = new Promise<void>((resolve) =>
      setImmediate(() => {
        done = true;
        resolve();
      }),
    );
    await atMost(600_000, work);
    assert.equal(done, true);
  });

  it('fulfills when the time is over, although the work goes on', async () => {
    await atMost(1, new Promise(() => undefined));
  });
});
