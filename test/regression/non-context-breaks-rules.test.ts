import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

describe('context.with() takes what the SDK takes, with rules inside', () => {
  it('nothing throws, and the rule is labeled', async () => {
    const { json, output } = await runProgram(`
      registerManager();
      const { getLabels } = require('@rulescope/profiler');
      const { RuleInstrumentation, RuleMetrics, withRule, bindRule, setRule } = require('rulescope');
      new RuleMetrics();
      const instrumentation = new RuleInstrumentation();
      const seen = [];
      for (const value of [undefined, null, {}, 'text', 0, { getValue: () => 'x', setValue() {} }]) {
        for (let time = 0; time < 3; time++) {
          context.with(value, () => {
            seen.push(withRule('a', getLabels)?.rule, bindRule('a', getLabels)()?.rule);
            setRule(value, 'b');
          });
        }
      }
      json([...new Set(seen)]);
      instrumentation.disable();`);
    assert.deepEqual(json, [['a']], output);
  });
});
