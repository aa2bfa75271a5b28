import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

const SETUP = `
  const { createNoopMeter } = require('@opentelemetry/api');
  const { AggregationType } = require('@opentelemetry/sdk-metrics');
  const { sharedCollector } = require('@rulescope/profiler');
  const { RuleInstrumentation, RuleMetrics } = require('rulescope');
  const instrumentation = new RuleInstrumentation();
  /** Prints whether metrics on the provider sample. */
  const tryProvider = (provider) => {
    const rules = new RuleMetrics();
    rules.setMeterProvider(provider);
    json(sharedCollector().running);
    rules.disable();
  };
  /** What a minifier leaves of the name of a class. */
  const rename = (object, name) => Object.defineProperty(object.constructor, 'name', { value: name });
`;

describe('RuleMetrics tells a meter that keeps nothing from a real one, of the installed SDK:', () => {
  it('a no-op meter, whatever the names of its classes', async () => {
    const { json, output } = await runProgram(`${SETUP}
      const meter = createNoopMeter();
      tryProvider({ getMeter: () => meter });
      for (const name of ['', 'a']) {
        rename(meter, name);
        rename(meter.createObservableCounter(''), name);
        rename(meter.createObservableGauge(''), name);
        tryProvider({ getMeter: () => meter });
      }
      tryProvider(metrics.getMeterProvider());`);
    assert.deepEqual(json, [false, false, false, false], output);
  });

  it('a real meter, whatever the names of its classes, also if a view drops its metrics', async () => {
    const { json, output } = await runProgram(`${SETUP}
      const drop = { instrumentName: 'rulescope.*', aggregation: { type: AggregationType.DROP } };
      for (const views of [[], [drop]]) {
        const provider = new MeterProvider({ readers: [new Reader()], views });
        tryProvider(provider);
        const meter = provider.getMeter('renamed');
        rename(meter, 'NoopMeter');
        rename(meter.createObservableCounter('x'), '');
        tryProvider(provider);
      }`);
    assert.deepEqual(json, [true, true, true, true], output);
  });

  it('a provider that was shut down', async () => {
    const { json, output } = await runProgram(`${SETUP}
      const provider = new MeterProvider({ readers: [new Reader()] });
      provider.shutdown().then(() => tryProvider(provider));`);
    assert.deepEqual(json, [false], output);
  });
});
