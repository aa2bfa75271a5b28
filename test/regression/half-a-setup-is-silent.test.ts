import { strict as assert } from 'node:assert';
import { FAST_MINUTE, runProgram } from '../support/program';

const METRICS = `
  registerManager();
  const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
  const reader = new Reader();
  const rules = new RuleMetrics({ windowMillis: 100 });
  rules.setMeterProvider(new MeterProvider({ readers: [reader] }));
`;

/** A worker that runs rules for as long as \`millis\`. */
const worker = (millis: number, setup: string): string => `
  const worker = new Worker(\`
    ${FAST_MINUTE}
    const { RuleInstrumentation, withRule } = require('rulescope');
    ${setup}
    withRule('w', () => { for (const end = Date.now() + 50; Date.now() < end;); });
    setTimeout(() => {}, ${millis});
  \`, { eval: true });
`;

describe('half of a setup gives one warning:', () => {
  it('RuleMetrics and rules without RuleInstrumentation', async () => {
    const { codes, warnings, output } = await runProgram(`${METRICS}
      const work = setInterval(() => withRule('a', () => burn(5)), 20);
      setTimeout(() => { clearInterval(work); rules.disable(); }, 1_500);`);
    assert.deepEqual(codes, ['RULESCOPE_NO_INSTRUMENTATION'], output);
    assert.match(warnings[0]!, /add new RuleInstrumentation\(\) to the instrumentations/);
  });

  it('RuleInstrumentation without RuleMetrics, however many there are', async () => {
    const { codes, warnings, output } = await runProgram(`${FAST_MINUTE}
      registerManager();
      const { RuleInstrumentation, withRule } = require('rulescope');
      new RuleInstrumentation();
      new RuleInstrumentation();
      ${worker(600, 'new RuleInstrumentation();')}
      withRule('a', () => burn(5));
      setTimeout(() => {}, 600);`);
    assert.deepEqual(codes, ['RULESCOPE_NO_METRICS'], output);
    assert.match(warnings[0]!, /add new RuleMetrics\(\) to the instrumentations/);
  });

  it('rules in a worker without RuleInstrumentation', async () => {
    const { codes, warnings, output } = await runProgram(`${METRICS}
      new RuleInstrumentation();
      ${worker(600, '')}
      worker.once('exit', () => rules.disable());`);
    assert.deepEqual(codes, ['RULESCOPE_NO_INSTRUMENTATION'], output);
    assert.match(warnings[0]!, /in each worker/);
  });
});

describe('a whole setup gives no warning:', () => {
  it('both halves on the main thread', async () => {
    const { codes, json, output } = await runProgram(`${FAST_MINUTE}${METRICS}
      new RuleInstrumentation();
      const work = setInterval(() => withRule('a', () => burn(5)), 20);
      setTimeout(async () => { clearInterval(work); json(await reader.rules()); rules.disable(); }, 700);`);
    assert.deepEqual([codes, json], [[], [['a']]], output);
  });

  it('RuleMetrics on the main thread, rules in a worker only', async () => {
    const { codes, output } = await runProgram(`${FAST_MINUTE}${METRICS}
      ${worker(700, 'new RuleInstrumentation();')}
      worker.once('exit', () => rules.disable());`);
    assert.deepEqual(codes, [], output);
  });

  it('RuleInstrumentation for a pprof handler or for a consumer', async () => {
    const readers = [
      "require('@rulescope/profiler/http').createPprofHandler()",
      "require('@rulescope/profiler').sharedCollector()",
    ];
    const printed = await Promise.all(
      readers.map((reader) =>
        runProgram(`${FAST_MINUTE}
          registerManager();
          const { RuleInstrumentation } = require('rulescope');
          const instrumentation = new RuleInstrumentation();
          ${reader};
          setTimeout(() => {}, 600);`),
      ),
    );
    for (const { codes, output } of printed) assert.deepEqual(codes, [], output);
  });

  it('withRule alone, as in a library', async () => {
    const { codes, output } = await runProgram(`${FAST_MINUTE}
      const { withRule } = require('rulescope');
      withRule('a', () => burn(5));
      setTimeout(() => {}, 600);`);
    assert.deepEqual(codes, [], output);
  });

  it('RuleInstrumentation that the application turned off', async () => {
    const { codes, output } = await runProgram(`${FAST_MINUTE}${METRICS}
      new RuleInstrumentation({ enabled: false });
      const work = setInterval(() => withRule('a', () => burn(5)), 20);
      setTimeout(() => { clearInterval(work); rules.disable(); }, 1_200);`);
    assert.deepEqual(codes, [], output);
  });
});
