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

  it('does not warn in a worker that the main thread measures', async () => {
    const worker = `
      const { RuleMetrics } = require('rulescope');
      new RuleMetrics();
      const timers = require('node:timers');
      // As many timers as a search has before it warns, and more.
      const pass = (seconds) => seconds > 0 && timers.setTimeout(() => pass(seconds - 1), 1_000);
      pass(100);`;
    const { codes, json, output } = await runProgram(
      `const { RuleMetrics } = require('rulescope');
      new RuleMetrics().setMeterProvider(new MeterProvider({ readers: [new Reader()] }));
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
      worker.on('exit', (code) => json(code));`,
      ['--require', HURRY],
    );
    assert.deepEqual([codes, json], [[], [0]], output);
  });
});
