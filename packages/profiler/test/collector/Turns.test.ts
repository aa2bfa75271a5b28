import assert from 'node:assert/strict';
import { Turns } from '../../src/collector/Turns';

describe('Turns', () => {
  it('gives each its own turn, in order', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const mine = ['a', 'b', 'c'].map((name) => turns.next().then(() => log.push(name)));
    /** An immediate runs once in each turn. */
    const tick = (): void => {
      log.push('|');
      if (log.length < 7) setImmediate(tick);
    };
    // Behind the immediate of the first.
    await Promise.resolve();
    setImmediate(tick);
    await Promise.all(mine);
    assert.equal(log.join(''), 'a|b|c');
  });

  it('gives the next one to whoever asks later', async () => {
    const turns = new Turns();
    await turns.next();
    let called = false;
    const next = turns.next().then(() => (called = true));
    await Promise.resolve();
    assert.equal(called, false);
    await next;
  });
});
