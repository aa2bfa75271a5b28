import { strict as assert } from 'node:assert';
import type { Series } from '../support/shutdown/figures';
import { assertCpu, scenario } from '../support/shutdown/scenario';

/** CPU of one piece of work of the worker, seconds. */
const PIECE = 0.3;

describe('the window under way of a worker', () => {
  it('is exported by forceFlush and by shutdown', async () => {
    const [flushed, shutDown] = await scenario<[Series, Series]>('workers');
    assertCpu(flushed['worker'], PIECE, 'after the flush');
    assertCpu(shutDown['worker'], 2 * PIECE, 'after the shutdown');
  });

  it('is exported after disable, and the worker is sampled again after enable', async () => {
    const [disabled, enabled] = await scenario<[Series, Series]>('workersAtDisable');
    assertCpu(disabled['worker'], PIECE, 'after disable');
    assertCpu(enabled['worker'], 2 * PIECE, 'after enable');
  });

  it('does not hold up the shutdown while the worker is blocked', async () => {
    // The worker is blocked until the shutdown is over.
    type Figures = { rules: Series; sources: Series; cpu: number };
    const { rules, sources, cpu } = await scenario<Figures>('blocked');
    assertCpu(rules['job'], cpu, 'CPU of the rule in the main thread');
    assert.ok(sources['rule']! > 0 && sources['other_threads']! > 0, JSON.stringify(sources));
  });
});
