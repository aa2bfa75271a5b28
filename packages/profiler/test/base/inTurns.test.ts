import assert from 'node:assert/strict';
import { inTurns } from '../../src/base/inTurns';
import type { Steps } from '../../src/base/steps';

describe('inTurns', () => {
  it('lets the event loop run before each step, and fulfills with the result', async () => {
    let turns = 0;
    const seen: number[] = [];
    let counting = true;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    function* steps(): Steps<string> {
      for (let i = 0; i < 5; i++) {
        seen.push(turns);
        yield;
      }
      return 'done';
    }
    assert.equal(await inTurns(steps()), 'done');
    counting = false;
    assert.equal(new Set(seen).size, 5, seen.join());
  });

  it('rejects with the error of a step', async () => {
    function* steps(): Steps<never> {
      yield;
      throw new Error('broke');
    }
    await assert.rejects(inTurns(steps()), /broke/);
  });
});
