import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { runProgram } from '../support/program';

const HURRY = join(__dirname, '..', 'support', 'shutdown', 'hurry.js');

describe('a MeterProvider without readers', () => {
  for (const [how, set] of [
    ['handed over', 'rules.setMeterProvider(provider);'],
    ['registered with the API', 'metrics.setGlobalMeterProvider(provider);'],
  ] as const) {
    it(`that is ${how} is named after a minute, with the way out`, async () => {
      const { codes, warnings, json, output } = await runProgram(
        `const { RuleMetrics } = require('rulescope');
        const { sharedCollector } = require('@rulescope/profiler');
        const alive = setInterval(() => {}, 60_000);
        process.once('warning', () => {
          json({ running: sharedCollector().running });
          clearInterval(alive);
        });
        const provider = new MeterProvider();
        const rules = new RuleMetrics();
        ${set}`,
        ['--require', HURRY],
      );
      assert.deepEqual([codes, json], [['RULESCOPE_NO_READER'], [{ running: false }]], output);
      assert.match(warnings[0]!, /metricReaders of a NodeSDK/);
    });
  }

  it('is named after an SDK that has shut down, however late it starts', async () => {
    const { codes, output } = await runProgram(
      `const { RuleMetrics } = require('rulescope');
      const timers = require('node:timers');
      // Ends the program without a warning if there is none.
      const alive = setTimeout(() => {}, 20_000);
      process.once('warning', () => clearTimeout(alive));
      const provider = new MeterProvider({ readers: [new Reader()] });
      metrics.setGlobalMeterProvider(provider);
      new RuleMetrics().setMeterProvider(provider);
      const start = () => metrics.setGlobalMeterProvider(new MeterProvider());
      // Longer than the minute of the first search.
      const pass = (seconds) => seconds > 0 ? timers.setTimeout(() => pass(seconds - 1), 1_000) : start();
      provider.shutdown().then(() => { metrics.disable(); pass(100); });`,
      ['--require', HURRY],
    );
    assert.deepEqual(codes, ['RULESCOPE_NO_READER'], output);
  });
});
