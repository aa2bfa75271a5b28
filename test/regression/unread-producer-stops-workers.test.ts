import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

describe('a RuleMetricProducer on the main thread', () => {
  it('leaves the metrics of a worker on until somebody collects it', async () => {
    const { json, output } = await runProgram(
      `const { RuleMetricProducer } = require('rulescope/producer');
      const producer = new RuleMetricProducer();
      const worker = new Worker(\`
        const { parentPort } = require('node:worker_threads');
        const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
        const { RuleMetrics } = require('rulescope');
        const { sharedCollector } = require('@rulescope/profiler');
        parentPort.on('message', () => {
          const rules = new RuleMetrics();
          class Reader extends MetricReader { async onShutdown() {} async onForceFlush() {} }
          rules.setMeterProvider(new MeterProvider({ readers: [new Reader()] }));
          parentPort.postMessage(sharedCollector().consumers().length);
          rules.disable();
        });
      \`, { eval: true });
      const measures = () => new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage('measure');
      });
      (async () => {
        const before = await measures();
        await producer.collect();
        json([before, await measures()]);
        await worker.terminate();
        await producer.shutdown();
      })();`,
    );
    assert.deepEqual(json, [[1, 0]], output);
  });
});
