import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';
import { assertCpu, scenario } from '../support/shutdown/scenario';

describe('a second RuleMetrics on one MeterProvider', () => {
  it('doubles nothing for cumulative and delta readers, and a warning says so once', async () => {
    const warning =
      /^\(node:\d+\) \[RULESCOPE_SECOND_REGISTRATION\] Warning: rulescope: .*Remove one of them.*\n\(Use .*\)\n$/;
    const { cpu, cumulative, deltas, own } = await scenario<Record<string, number>>('twice', {
      stderr: warning,
    });
    assertCpu(cumulative, cpu!, 'cumulative');
    assertCpu(deltas, cpu!, 'sum of the deltas');
    assertCpu(own, cpu!, 'on another MeterProvider');
  });

  for (const second of ['RuleMetricProducer', 'RuleMetrics']) {
    it(`warns of a ${second} beside a RuleMetricProducer that is collected`, async () => {
      const { codes, warnings, output } = await runProgram(
        `const { RuleMetrics } = require('rulescope');
        const { RuleMetricProducer } = require('rulescope/producer');
        const producer = new RuleMetricProducer();
        producer.collect().then(async () => {
          console.error('one');
          const second = new ${second}();
          second.setMeterProvider?.(new MeterProvider({ readers: [new Reader()] }));
          for (let i = 0; i < 2; i++) await producer.collect();
          second.disable?.();
          await Promise.all([producer.shutdown(), second.shutdown?.()]);
        });`,
      );
      assert.deepEqual(
        codes.filter((code) => code === 'RULESCOPE_SECOND_REGISTRATION'),
        ['RULESCOPE_SECOND_REGISTRATION'],
        output,
      );
      assert.match(warnings.join('\n'), /runs beside RuleMetrics or another RuleMetricProducer/);
      assert.ok(output.indexOf('one') < output.indexOf('RULESCOPE_SECOND'), output);
    });
  }
});
