import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../support/program';

/** Sets up an SDK in each thread that loads it; metrics in each thread, or in workers only. */
const TELEMETRY = `
  const { isMainThread } = require('node:worker_threads');
  const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
  const { RuleInstrumentation, RuleMetrics } = require('rulescope');
  class Reader extends MetricReader {
    /** Returns the CPU of rules and the CPU in the ledger, seconds. */
    async cpu() {
      const { resourceMetrics } = await this.collect();
      const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return ['rulescope.rule.cpu.time', 'rulescope.process.cpu.time'].map((name) =>
        (all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [])
          .reduce((sum, { value }) => sum + value, 0));
    }
    async onShutdown() {}
    async onForceFlush() {}
  }
  globalThis.reader = new Reader();
  globalThis.provider = new MeterProvider({ readers: [reader] });
  globalThis.begun = process.cpuUsage();
  globalThis.measure = () => new RuleMetrics({ windowMillis: 600_000 }).setMeterProvider(provider);
  new RuleInstrumentation();
  if (!isMainThread || process.env.IN === 'each thread') measure();
`;

/** On each message, works in a rule and says what it exports, until the message is `end`. */
const WORKER = `
  const { parentPort } = require('node:worker_threads');
  const { sharedCollector } = require('@rulescope/profiler');
  const { withRule } = require('rulescope');
  const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
  parentPort.on('message', async (message) => {
    if (message === 'end') return parentPort.close();
    while (!sharedCollector().running) await new Promise((resolve) => setTimeout(resolve, 5));
    withRule('w', () => {
      for (const end = used() + 500_000; used() < end;) for (let i = 0; i < 100_000; i++);
    });
    await provider.forceFlush();
    parentPort.postMessage(await reader.cpu());
  });
`;

interface Found {
  /** CPU of the process since its first thread was set up, seconds. */
  readonly used: number;
  /** CPU of rules and in the ledger, of the main thread and of each worker. */
  readonly exported: readonly (readonly [rules: number, ledger: number])[];
}

/** Works in `count` workers at once. */
const inWorkers = (count: number): string => `
  const exported = await Promise.all(Array.from({ length: ${count} }, async () => {
    const worker = startWorker();
    const found = await workIn(worker);
    await provider.forceFlush();
    await end(worker);
    return found;
  }));`;

/** Works in a worker before and after the main thread begins to measure. */
const MEASURE_LATER = `
  const worker = startWorker();
  const exported = [await workIn(worker)];
  measure();
  let sampled;
  const { sharedCollector } = require('@rulescope/profiler');
  const consumer = sharedCollector().addConsumer('test', ({ workers }) => (sampled = workers));
  while (sampled === undefined) await provider.forceFlush();
  await consumer.remove();
  exported.push(await workIn(worker));
  await end(worker);`;

/** Loads the SDK into each thread of a program with workers, as `--import` does. */
async function runWithWorkers(work: string, metricsIn: 'each thread' | 'workers') {
  const directory = mkdtempSync(join(__dirname, 'telemetry-'));
  try {
    const file = join(directory, 'telemetry.js');
    writeFileSync(file, TELEMETRY);
    const program = `
      const { once } = require('node:events');
      const startWorker = () => new Worker(${JSON.stringify(WORKER)}, { eval: true });
      const workIn = async (worker) => {
        worker.postMessage('work');
        return (await once(worker, 'message'))[0];
      };
      const end = async (worker) => {
        worker.postMessage('end');
        await once(worker, 'exit');
      };
      (async () => {
        ${work}
        await provider.forceFlush();
        exported.unshift(await reader.cpu());
        const { user, system } = process.cpuUsage(begun);
        json({ used: (user + system) / 1e6, exported });
        await provider.shutdown();
      })();`;
    const { json, codes, output } = await runProgram(program, ['--require', file], {
      IN: metricsIn,
    });
    assert.deepEqual(codes, [], output);
    const { used, exported } = json[0] as Found;
    const sum = (i: 0 | 1): number => exported.reduce((total, each) => total + each[i], 0);
    return { used, exported, rules: sum(0), ledger: sum(1), output };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('an SDK with RuleMetrics in a worker', () => {
  it('exports nothing if the main thread measures: all figures are there, once', async () => {
    const { used, exported, rules, ledger, output } = await runWithWorkers(
      inWorkers(1),
      'each thread',
    );
    assert.deepEqual(exported[1], [0, 0], output);
    assert.ok(rules > 0.1, output);
    // No part of the ledger is sampled, so only the calls before its start and after its end differ.
    assert.ok(ledger > 0.5 * used && ledger <= used, `${ledger} s of ${used} s`);
  });

  it('exports its own thread if the main thread does not, and no CPU of others', async () => {
    const { used, exported, rules, ledger, output } = await runWithWorkers(inWorkers(2), 'workers');
    assert.deepEqual(exported[0], [0, 0], output);
    for (const [ofRules, ofLedger] of exported.slice(1)) {
      assert.ok(ofRules > 0 && ofLedger >= ofRules - 1e-9, output);
    }
    assert.ok(rules <= ledger + 1e-9 && ledger <= used, `${ledger} s of ${used} s`);
  });

  it('exports no more once the main thread measures', async () => {
    const { exported, output } = await runWithWorkers(MEASURE_LATER, 'workers');
    const [ofMain, before, after] = exported;
    assert.ok(before![0] > 0.1 && ofMain![0] > 0.1, output);
    assert.deepEqual(after, before, output);
  });
});
