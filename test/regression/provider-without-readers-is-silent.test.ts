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
});
