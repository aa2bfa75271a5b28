import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

describe('gauges', () => {
  it('are 0 for cumulative readers after sampling has ended', async () => {
    const { json, output } = await runProgram(`
      registerManager();
      const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
      const { DataPointType } = require('@opentelemetry/sdk-metrics');
      const reader = new Reader();
      const provider = new MeterProvider({ readers: [reader] });
      const gauges = async () => {
        const { resourceMetrics } = await reader.collect();
        const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
        return Object.fromEntries(all
          .filter(({ dataPointType }) => dataPointType === DataPointType.GAUGE)
          .map(({ descriptor, dataPoints }) =>
            [descriptor.name, Math.max(...dataPoints.map(({ value }) => value))]));
      };
      new RuleInstrumentation();
      const rules = new RuleMetrics({ windowMillis: 600_000, samplingIntervalMicros: 1_009 });
      rules.setMeterProvider(provider);
      (async () => {
        withRule('a', () => burn(500));
        await provider.forceFlush();
        const during = await gauges();
        rules.disable();
        json([during, await gauges()]);
        await provider.shutdown();
      })();`);
    const [during, after] = json[0] as [Record<string, number>, Record<string, number>];
    const names = [
      'rulescope.process.cpu.usage',
      'rulescope.rule.cpu.standard_error',
      'rulescope.rule.cpu.usage',
      'rulescope.sampler.info',
      'rulescope.sampler.quality',
    ];
    // 500 ms at an interval of 1 ms: a ratio needs 50 expected samples.
    assert.deepEqual(Object.keys(during).sort(), names, output);
    for (const name of names) assert.ok(during[name]! > 0, output);
    assert.deepEqual(after, Object.fromEntries(names.map((name) => [name, 0])), output);
  });
});
