import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

describe('OTEL_SDK_DISABLED', () => {
  for (const value of ['true', ' TRUE ']) {
    it(`${JSON.stringify(value)}: nothing starts, loads native code or warns, and rules run`, async () => {
      const { codes, json, output } = await runProgram(
        `const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
        const instrumentation = new RuleInstrumentation();
        const rules = new RuleMetrics();
        const reader = new Reader();
        rules.setMeterProvider(new MeterProvider({ readers: [reader] }));
        for (const each of [instrumentation, rules]) { each.enable(); each.setConfig({}); }
        withRule('a', () => burn(5));
        reader.collect().then(({ resourceMetrics }) => json({
          enabled: [instrumentation.getConfig().enabled, rules.getConfig().enabled],
          native: process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node')),
          timers: process.getActiveResourcesInfo().filter((type) => type === 'Timeout'),
          exported: resourceMetrics.scopeMetrics,
        }));`,
        [],
        { OTEL_SDK_DISABLED: value },
      );
      const nothing = { enabled: [false, false], native: [], timers: [], exported: [] };
      assert.deepEqual([codes, json], [[], [nothing]], output);
    });
  }

  it('true: a RuleMetricProducer loads no native code and has no metrics', async () => {
    const { codes, json, output } = await runProgram(
      `const { RuleMetricProducer } = require('rulescope/producer');
      const producer = new RuleMetricProducer();
      producer.enable();
      producer.collect().then(async ({ resourceMetrics }) => {
        await Promise.all([producer.forceFlush(), producer.shutdown()]);
        json({
          native: process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node')),
          timers: process.getActiveResourcesInfo().filter((type) => type === 'Timeout'),
          metrics: resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics),
        });
      });`,
      [],
      { OTEL_SDK_DISABLED: 'true' },
    );
    assert.deepEqual([codes, json], [[], [{ native: [], timers: [], metrics: [] }]], output);
  });

  it('true: a wrong option is still an error at construction', async () => {
    const { json, output } = await runProgram(
      `for (const Metrics of [
        require('rulescope').RuleMetrics,
        require('rulescope/producer').RuleMetricProducer,
      ]) {
        try { new Metrics({ windowMillis: 1 }); } catch (error) { json(error.message); }
      }`,
      [],
      { OTEL_SDK_DISABLED: 'true' },
    );
    const message = 'windowMillis must be an integer from 100 to 600000; got 1';
    assert.deepEqual(json, [message, message], output);
  });

  it('true: the exporter of profiles neither samples nor sends, and checks its options', async () => {
    const { codes, json, output } = await runProgram(
      `const { withRule } = require('rulescope');
      const { RuleProfileExporter } = require('rulescope/profiles');
      const { createServer } = require('node:http');
      let requests = 0;
      const server = createServer((request, response) => response.end(void requests++));
      server.listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        const exporter = new RuleProfileExporter({ url });
        withRule('a', () => burn(50));
        await exporter.forceFlush();
        await exporter.shutdown();
        const native = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'));
        json([requests, native, Object.values(exporter.totals)]);
        try { new RuleProfileExporter({ timeoutMillis: 0 }); } catch (error) { json(error.message); }
        server.close();
      });`,
      [],
      { OTEL_SDK_DISABLED: 'true' },
    );
    const wrong = 'timeoutMillis must be an integer from 1 to 600000; got 0';
    assert.deepEqual([codes, json], [[], [[0, [], [0, 0, 0, 0]], wrong]], output);
  });

  it('false: both are on', async () => {
    const { json, output } = await runProgram(
      `const { RuleInstrumentation, RuleMetrics } = require('rulescope');
      json([new RuleInstrumentation(), new RuleMetrics()].map((each) => each.getConfig().enabled));`,
      [],
      { OTEL_SDK_DISABLED: 'false' },
    );
    assert.deepEqual(json, [[true, true]], output);
  });
});
