import { strict as assert } from 'node:assert';
import { assertCpu, scenario } from '../support/shutdown/scenario';

interface Found {
  readonly found: readonly { readonly cpu: number; readonly exported: number }[];
  readonly after: { readonly running: boolean; readonly consumers: number };
}

describe('RuleMetrics that found its MeterProvider by itself', () => {
  it('follows each later SDK without enable(), from zero, and rests between them', async () => {
    const { found, after } = await scenario<Found>('nextSdk');
    assert.equal(found.length, 3);
    found.forEach(({ cpu, exported }, i) => assertCpu(exported, cpu, `SDK ${i}`));
    assert.deepEqual([after.running, after.consumers], [false, 0]);
  });
});
