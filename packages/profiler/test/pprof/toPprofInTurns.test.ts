import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidOptionError } from '../../src/base/errors';
import { mergeWindows } from '../../src/model/mergeWindows';
import type { Profile } from '../../src/pprof/Profile';
import { toPprof } from '../../src/pprof/toPprof';
import { encodeInTurns, toPprofInTurns } from '../../src/pprof/toPprofInTurns';
import { hits, node, recording, windowOf } from '../support/builders';
import { consecutiveWindows } from '../support/randomWindows';

/** Fulfills with the result of `work`, and the turns of the event loop that it took. */
async function countTurns<T>(work: Promise<T>): Promise<{ turns: number; result: T }> {
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const result = await work;
  counting = false;
  return { turns, result };
}

/** Units of work in a step. */
const UNITS_PER_STEP = 2_000;

describe('toPprofInTurns', () => {
  it('returns the profile that toPprof returns, and rejects where toPprof throws', async () => {
    await fc.assert(
      fc.asyncProperty(consecutiveWindows(), async (windows) => {
        const window = mergeWindows(windows);
        if (window.error === undefined) {
          const profile = await toPprofInTurns(window);
          assert.deepEqual(profile.encode(), toPprof(window).encode());
        } else {
          await assert.rejects(toPprofInTurns(window), { message: window.error.message });
        }
      }),
      { numRuns: 50 },
    );
    await assert.rejects(toPprofInTurns({} as never), InvalidOptionError);
    await assert.rejects(encodeInTurns({} as Profile), InvalidOptionError);
  });

  it('takes a turn of the event loop for each 2,000 units of work', async () => {
    const [leaves, samplesEach] = [200, 500];
    const children = Array.from({ length: leaves }, (_, i) => node(`f${i}`, hits(samplesEach)));
    const samplesTaken = leaves * samplesEach;
    const closed = windowOf(recording({ root: node('(root)', [], ...children), samplesTaken }));
    // A copy, because closing a window has already put its samples in order.
    const window = structuredClone(closed);
    const { turns, result } = await countTurns(toPprofInTurns(window));
    // Each sample is found, merged with others six times, put in order and counted.
    assert.ok(turns >= (10 * samplesTaken) / UNITS_PER_STEP, `${turns} turns`);
    assert.equal(result.sample.length, leaves);
  });
});

describe('encodeInTurns', () => {
  it('returns the bytes of encode, in a turn for each 2,000 units of work', async () => {
    const children = Array.from({ length: 10_000 }, (_, i) => node(`f${i}`, hits(1)));
    const root = node('(root)', [], ...children);
    const profile = toPprof(windowOf(recording({ root, samplesTaken: 10_000 })));
    const { turns, result } = await countTurns(encodeInTurns(profile));
    assert.deepEqual(result, Buffer.from(profile.encode()));
    // Samples with one function each, locations and functions.
    assert.ok(turns >= (4 * 10_000) / UNITS_PER_STEP, `${turns} turns`);
  });
});
