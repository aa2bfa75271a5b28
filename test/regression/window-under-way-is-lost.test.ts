import { strict as assert } from 'node:assert';
import type { Series } from '../support/shutdown/figures';
import { assertCpu, scenario } from '../support/shutdown/scenario';

interface Figures {
  readonly rules: Series;
  readonly usage: Series;
  readonly sources: Series;
  readonly cpu: number;
}

/** The rule and the ledger have the CPU of the job. */
function assertExported({ rules, sources, cpu }: Figures): void {
  assertCpu(rules['job'], cpu, 'CPU of the rule');
  const total = Object.values(sources).reduce((sum, seconds) => sum + seconds, 0);
  assert.ok(total >= 0.95 * cpu, `the ledger has ${total} s of ${cpu} s`);
}

describe('the window under way', () => {
  it('is exported by the shutdown of a NodeSDK', async () => {
    const found = await scenario<Figures>('shutdown');
    assertExported(found);
    assert.ok(found.usage['job']! > 0, 'the last usage is not exported');
  });

  it('is exported by each forceFlush', async () => {
    const [first, second] = await scenario<[Figures, Figures]>('forceFlush');
    assertExported(first);
    assertExported({ ...second, cpu: first.cpu + second.cpu });
  });

  it('is exported by a shutdown after disable, with a usage of 0', async () => {
    const found = await scenario<Figures>('disable');
    assertExported(found);
    assert.equal(found.usage['job'], 0);
  });

  it('is exported by a program that flushes and calls process.exit, with its exit code', async () => {
    assertExported(await scenario<Figures>('exit', { code: 3 }));
  });

  it('is exported by a handler of SIGTERM that shuts the SDK down', async () => {
    assertExported(await scenario<Figures>('sigterm'));
  });

  it('is exported by a reader that is flushed directly, if it is a second old', async () => {
    assertExported(await scenario<Figures>('reader'));
  });
});
