import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

/** Works in the rule `w` on each message, and ends after the second. */
const WORKER = `
  const { parentPort } = require('node:worker_threads');
  const { RuleInstrumentation, withRule } = require('rulescope');
  const { sharedCollector } = require('@rulescope/profiler');
  new RuleInstrumentation();
  let messages = 0;
  parentPort.on('message', () => {
    withRule('w', () => { for (const end = Date.now() + 200; Date.now() < end;); });
    if (++messages === 2) parentPort.close();
    else parentPort.postMessage('done');
  });
  (function whenSampled() {
    if (sharedCollector().running) parentPort.postMessage('sampled');
    else setTimeout(whenSampled, 5);
  })();
`;

describe('a worker that ends by itself', () => {
  it('leaves the usage with the first window after its end', async () => {
    const { json, output } = await runProgram(`
      const { once } = require('node:events');
      const { sharedCollector } = require('@rulescope/profiler');
      const { RuleMetrics } = require('rulescope');
      const reader = new Reader();
      const provider = new MeterProvider({ readers: [reader] });
      new RuleMetrics({ windowMillis: 600_000 }).setMeterProvider(provider);
      let last;
      const collector = sharedCollector();
      collector.addConsumer('test', (window) => {
        if (window.origin.threadId === 0) last = window;
      });
      const usage = async () => {
        const { resourceMetrics } = await reader.collect();
        const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
        const found = all.find(({ descriptor }) => descriptor.name === 'rulescope.rule.cpu.usage');
        return found.dataPoints.map(({ value }) => value);
      };
      (async () => {
        const worker = new Worker(${JSON.stringify(WORKER)}, { eval: true });
        await once(worker, 'message');
        worker.postMessage('');
        await once(worker, 'message');
        await collector.forceFlush();
        const before = await usage();
        worker.postMessage('');
        await once(worker, 'exit');
        // The end is known when its message has arrived.
        do await collector.forceFlush(); while (last.workers !== undefined);
        json({ before, after: await usage() });
        await provider.shutdown();
        process.exit();
      })();`);
    const { before, after } = json[0] as { before: number[]; after: number[] };
    // 200 ms have 20 samples, so one without any is a matter of a broken sampler.
    assert.ok(before.length === 1 && before[0]! > 0, output);
    assert.deepEqual(after, [0], output);
  });
});
