import { strict as assert } from 'node:assert';
import { MINUTE, runProgram } from '../support/program';

/** Measures and has rules. Calls `then` after some windows of 100 ms of the thread `threadId`. */
const METRICS = `
  registerManager();
  const { sharedCollector } = require('@rulescope/profiler');
  const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
  const reader = new Reader();
  const rules = new RuleMetrics({ windowMillis: 100 });
  rules.setMeterProvider(new MeterProvider({ readers: [reader] }));
  const work = setInterval(() => withRule('a', () => burn(5)), 20);
  const afterWindows = (count, then, threadId) => {
    const consumer = sharedCollector().addConsumer('test', async ({ origin }) => {
      if (threadId !== undefined && origin.threadId !== threadId) return;
      if (--count !== 0) return;
      clearInterval(work);
      await then();
      rules.disable();
      void consumer.remove();
    });
  };
`;
/** More than a second. */
const MANY_WINDOWS = 13;

/** Starts a worker with a rule. It ends with a minute, as soon as it gets a message. */
const worker = (setup: string): string => `
  const worker = new Worker(\`${MINUTE}
    const { RuleInstrumentation, withRule } = require('rulescope');
    ${setup}
    withRule('w', () => { for (const end = Date.now() + 20; Date.now() < end;); });
    require('node:worker_threads').parentPort.once('message', passMinute);
  \`, { eval: true });
`;

describe('half of a setup gives one warning:', () => {
  it('RuleMetrics and rules without RuleInstrumentation', async () => {
    const { codes, warnings, output } = await runProgram(`${METRICS}
      afterWindows(${MANY_WINDOWS}, () => {});`);
    assert.deepEqual(codes, ['RULESCOPE_NO_INSTRUMENTATION'], output);
    assert.match(warnings[0]!, /add new RuleInstrumentation\(\) to the instrumentations/);
  });

  it('RuleInstrumentation without RuleMetrics, however many there are', async () => {
    const { codes, warnings, output } = await runProgram(`${MINUTE}
      registerManager();
      const { RuleInstrumentation } = require('rulescope');
      new RuleInstrumentation();
      new RuleInstrumentation();
      ${worker('new RuleInstrumentation();')}
      passMinute();
      worker.postMessage('');`);
    assert.deepEqual(codes, ['RULESCOPE_NO_METRICS'], output);
    assert.match(warnings[0]!, /add new RuleMetrics\(\) to the instrumentations/);
  });

  it('rules in a worker without RuleInstrumentation', async () => {
    const { codes, warnings, output } = await runProgram(`${METRICS}
      new RuleInstrumentation();
      ${worker('')}
      worker.postMessage('');
      worker.once('exit', () => { clearInterval(work); rules.disable(); });`);
    assert.deepEqual(codes, ['RULESCOPE_NO_INSTRUMENTATION'], output);
    assert.match(warnings[0]!, /in each worker/);
  });
});

describe('a whole setup gives no warning:', () => {
  it('both halves on the main thread', async () => {
    const { codes, json, output } = await runProgram(`${MINUTE}${METRICS}
      new RuleInstrumentation();
      passMinute();
      // On a busy machine a window may have no sample of the rule.
      let found = false;
      const search = sharedCollector().addConsumer('search', async () => {
        const ids = await reader.rules();
        if (found || ids.length === 0) return;
        found = true;
        json(ids);
        clearInterval(work);
        rules.disable();
        void search.remove();
      });`);
    assert.deepEqual([codes, json], [[], [['a']]], output);
  });

  it('RuleMetrics on the main thread, rules in a worker only', async () => {
    const { codes, output } = await runProgram(`${METRICS}
      clearInterval(work);
      ${worker('new RuleInstrumentation();')}
      afterWindows(1, () => worker.postMessage(''), worker.threadId);`);
    assert.deepEqual(codes, [], output);
  });

  it('RuleMetrics that is off on the main thread, RuleInstrumentation in a worker', async () => {
    const { codes, output } = await runProgram(`
      const { RuleInstrumentation, RuleMetrics } = require('rulescope');
      new RuleInstrumentation();
      new RuleMetrics({ enabled: false });
      ${worker('new RuleInstrumentation();')}
      worker.postMessage('');`);
    assert.deepEqual(codes, [], output);
  });

  it('RuleInstrumentation for a pprof handler or for a consumer', async () => {
    const readers = [
      "require('@rulescope/profiler/http').createPprofHandler()",
      "require('@rulescope/profiler').sharedCollector()",
    ];
    for (const reader of readers) {
      const { codes, output } = await runProgram(`${MINUTE}
        registerManager();
        new (require('rulescope').RuleInstrumentation)();
        ${reader};
        passMinute();`);
      assert.deepEqual(codes, [], output);
    }
  });

  it('withRule alone, as in a library', async () => {
    const { codes, output } = await runProgram(`${MINUTE}
      require('rulescope').withRule('a', () => burn(5));
      passMinute();`);
    assert.deepEqual(codes, [], output);
  });

  it('RuleInstrumentation that the application turned off', async () => {
    const { codes, output } = await runProgram(`${METRICS}
      new RuleInstrumentation({ enabled: false });
      afterWindows(${MANY_WINDOWS}, () => {});`);
    assert.deepEqual(codes, [], output);
  });
});
