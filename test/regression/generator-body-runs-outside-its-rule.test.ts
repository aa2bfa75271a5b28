import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

describe('a generator function bound to a rule', () => {
  it('runs each step in the rule, whoever reads it', async () => {
    const { json, output } = await runProgram(`
      registerManager();
      const { getLabels, sharedCollector } = require('@rulescope/profiler');
      const { RuleInstrumentation, bindRule, withRule } = require('rulescope');
      sharedCollector();
      const instrumentation = new RuleInstrumentation();
      const steps = bindRule('a', async function* () {
        yield getLabels()?.rule;
        await null;
        yield getLabels()?.rule;
      });
      withRule('reader', async () => {
        for await (const rule of steps()) json([rule, getLabels()?.rule]);
        instrumentation.disable();
      });`);
    assert.deepEqual(json, Array(2).fill(['a', 'reader']), output);
  });
});
