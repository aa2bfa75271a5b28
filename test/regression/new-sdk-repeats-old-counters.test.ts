import { strict as assert } from 'node:assert';
import type { Series } from '../support/shutdown/figures';
import { assertCpu, scenario } from '../support/shutdown/scenario';

describe('an instance of RuleMetrics that is used again', () => {
  it('starts at zero in each new SDK, for delta and cumulative readers', async () => {
    const found = await scenario<{ cpu: number; exported: number }[]>('newSdk');
    assert.equal(found.length, 3);
    found.forEach(({ cpu, exported }, i) => assertCpu(exported, cpu, `SDK ${i}`));
  });

  it('continues its counters on the same MeterProvider, and its usage is 0 when unloaded', async () => {
    const { cpu, cumulative, deltas, usage } = await scenario<{
      cpu: number;
      cumulative: Series;
      deltas: number;
      usage: Series;
    }>('again');
    assertCpu(cumulative['job'], cpu, 'cumulative');
    assertCpu(deltas, cpu, 'sum of the deltas');
    assert.equal(cumulative['off'], undefined);
    assert.deepEqual(usage, { job: 0 });
  });
});
