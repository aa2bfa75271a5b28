import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

/** Prints [whether a rule is labeled, whether sampling is on] after each step. */
const PROGRAM = `
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { sharedCollector, getLabels } = require('@rulescope/profiler');
  const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
  const instrumentations = (enabled) =>
    [new RuleInstrumentation({ enabled }), new RuleMetrics({ enabled, windowMillis: 600_000 })];
  const state = () => json([withRule('a', getLabels)?.rule === 'a', sharedCollector().running]);
  const startSdk = (list) => {
    const sdk = new NodeSDK({
      instrumentations: list,
      autoDetectResources: false,
      metricReaders: [new Reader()],
      spanProcessors: [],
      logRecordProcessors: [],
    });
    sdk.start();
    state();
    return sdk;
  };
`;

const ON = [true, true];
const OFF = [false, false];

describe('enabled: false', () => {
  it('means off under a NodeSDK; a later enable() means on', async () => {
    const { json, output } = await runProgram(`${PROGRAM}
      const list = instrumentations(false);
      const sdk = startSdk(list);
      list.forEach((each) => each.enable());
      state();
      list.forEach((each) => each.disable());
      void sdk.shutdown();`);
    assert.deepEqual(json, [OFF, ON], output);
  });

  it('means off however often it is registered; setConfig() means on', async () => {
    const { json, output } = await runProgram(`${PROGRAM}
      const list = instrumentations(false);
      const sdk = startSdk(list);
      for (let round = 0; round < 2; round++) {
        registerInstrumentations({ instrumentations: list })();
        registerInstrumentations({ instrumentations: list });
        state();
      }
      list.forEach((each) => each.setConfig({ enabled: true }));
      state();
      list.forEach((each) => each.setConfig({ enabled: false }));
      state();
      registerInstrumentations({ instrumentations: list });
      state();
      void sdk.shutdown();`);
    assert.deepEqual(json, [OFF, OFF, OFF, ON, OFF, OFF], output);
  });

  it('is not taken from an instrumentation that was unloaded: registered again, it is on', async () => {
    const { json, output } = await runProgram(`${PROGRAM}
      const list = instrumentations(true);
      const sdk = startSdk(list);
      for (let round = 0; round < 2; round++) {
        const unload = registerInstrumentations({ instrumentations: list });
        state();
        unload();
        state();
      }
      void sdk.shutdown();`);
    assert.deepEqual(json, [ON, ON, OFF, ON, OFF], output);
  });
});
