import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { runProgram } from '../support/program';
import type { Series } from '../support/shutdown/figures';
import { assertCpu, scenario } from '../support/shutdown/scenario';

const HURRY = join(__dirname, '..', 'support', 'shutdown', 'hurry.js');

describe('RuleMetrics without a MeterProvider', () => {
  it('uses the one that is registered with the API later', async () => {
    type Found = { before: boolean; rules: Series; cpu: number };
    const { before, rules, cpu } = await scenario<Found>('late');
    assert.equal(before, false);
    assertCpu(rules['job'], cpu, 'CPU of the rule');
  });

  it('warns once after a minute, samples nothing and does not keep the process alive', async () => {
    const warning =
      /^\(node:\d+\) \[RULESCOPE_NO_METER_PROVIDER\] Warning: rulescope: .*setMeterProvider\(\).*\n\(Use .*\)\n$/;
    const found = await scenario('never', { stderr: warning, preload: HURRY });
    assert.deepEqual(found, { running: false });
  });

  it('does not warn if the user has turned the SDK off', async () => {
    const { codes, output } = await runProgram(
      `const { RuleMetrics } = require('rulescope');
      new RuleMetrics();
      setTimeout(() => json('end'), 1_500);`,
      ['--require', HURRY],
      { OTEL_SDK_DISABLED: 'true' },
    );
    assert.deepEqual(codes, [], output);
    assert.match(output, /^json:"end"$/m);
  });
});
