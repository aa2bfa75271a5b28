/**
 * A program whose SDK ends in the way that its argument names. Prints the exported figures as JSON.
 * All windows take 10 minutes, so that only the way of ending closes one.
 */
import { readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { metrics } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import type * as sdkNode from '@opentelemetry/sdk-node';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { Exports, type Series, burn, processCpu } from './figures';

const CPU = 'rulescope.rule.cpu.time';
const USAGE = 'rulescope.rule.cpu.usage';
const SOURCES = 'rulescope.process.cpu.time';
/** CPU of one piece of work, seconds. */
const PIECE = 0.3;

const exported = new Exports();
const createMetrics = (): RuleMetrics => new RuleMetrics({ windowMillis: 600_000 });

interface Figures {
  /** CPU by rule, seconds. */
  readonly rules: Series;
  readonly usage: Series;
  /** CPU by source, seconds. */
  readonly sources: Series;
  /** CPU that the process used while it was sampled, seconds. */
  readonly cpu: number;
}

/** Instrumentations have another type in each major version of the SDK. */
const instrumentationsOf = (...ours: object[]): never => ours as never;

function startSdk(
  to = exported,
  instrumentations = instrumentationsOf(new RuleInstrumentation(), createMetrics()),
): sdkNode.NodeSDK {
  // Takes long to load, and most scenarios need no NodeSDK.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { NodeSDK } = require('@opentelemetry/sdk-node') as typeof sdkNode;
  const sdk = new NodeSDK({
    metricReaders: [to.reader],
    instrumentations,
    autoDetectResources: false,
    spanProcessors: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return sdk;
}

function startProvider(ruleMetrics = createMetrics()): MeterProvider {
  new RuleInstrumentation();
  const provider = new MeterProvider({ readers: [exported.reader] });
  ruleMetrics.setMeterProvider(provider);
  return provider;
}

const work = (rule = 'job', seconds = PIECE): void => withRule(rule, () => burn(seconds));

/** Runs the work of a short job and returns its CPU. */
function job(): number {
  const before = processCpu();
  work();
  return processCpu() - before;
}

function figures(cpu: number): Figures {
  const [rules, usage, sources] = [CPU, USAGE, SOURCES].map((name) => exported.last(name));
  return { rules: rules!, usage: usage!, sources: sources!, cpu };
}

const print = (result: unknown): void => void writeSync(1, JSON.stringify(result));

/** Resolves when `done()` is true. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Returns the number of V8's sampling threads in this process. */
function samplingThreads(): number {
  const names = readdirSync('/proc/self/task').map((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'latin1').trimEnd();
    } catch {
      return 'ended meanwhile';
    }
  });
  return names.filter((name) => name === 'v8:ProfEvntProc').length;
}

/** State that differs while something samples. */
function samplingState() {
  return {
    running: sharedCollector().running,
    consumers: sharedCollector().consumers().length,
    threads: samplingThreads(),
    // The async hook of Node.js 20 has this listener.
    hooks: process.listenerCount('uncaughtExceptionMonitor'),
  };
}

/** Starts a worker with the rule `worker`. Resolves when it is sampled. */
async function startWorker(): Promise<Worker & { flag: Int32Array }> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData: { flag } });
  await new Promise((resolve) => worker.once('message', resolve));
  return Object.assign(worker, { flag });
}

/** Lets the worker do its work and waits for the end of it. */
async function workerJob(worker: Worker): Promise<void> {
  worker.postMessage('work');
  await new Promise((resolve) => worker.once('message', resolve));
}

const scenarios: Record<string, () => unknown> = {
  async shutdown() {
    const sdk = startSdk();
    const cpu = job();
    await sdk.shutdown();
    return figures(cpu);
  },

  async forceFlush() {
    const provider = startProvider();
    const found: Figures[] = [];
    for (let i = 0; i < 2; i++) {
      const cpu = job();
      await provider.forceFlush();
      found.push(figures(cpu));
    }
    return found;
  },

  async disable() {
    const ruleMetrics = createMetrics();
    const provider = startProvider(ruleMetrics);
    const cpu = job();
    ruleMetrics.disable();
    await provider.shutdown();
    return figures(cpu);
  },

  async exit() {
    const provider = startProvider();
    const cpu = job();
    await provider.forceFlush();
    print(figures(cpu));
    process.exit(3);
  },

  async sigterm() {
    const provider = startProvider();
    const alive = setInterval(() => undefined, 60_000);
    const cpu = job();
    const signal = new Promise((resolve) => process.once('SIGTERM', resolve));
    process.kill(process.pid, 'SIGTERM');
    await signal;
    await provider.shutdown();
    clearInterval(alive);
    return figures(cpu);
  },

  /** The window is more than a second old, because the job takes longer. */
  async reader() {
    startProvider();
    const cpu = job() + job() + job() + job();
    await exported.reader.forceFlush();
    return figures(cpu);
  },

  async after() {
    const sdk = startSdk();
    const during = samplingState();
    work('job', 0.05);
    await sdk.shutdown();
    return { during, after: samplingState() };
  },

  /** Only the reader is shut down. The next window shows that nobody reads any more. */
  async noReader() {
    startProvider();
    await exported.reader.shutdown();
    sharedCollector().rotate();
    await until(() => !sharedCollector().running);
    return samplingState();
  },

  async workers() {
    const provider = startProvider();
    const worker = await startWorker();
    const rules: Series[] = [];
    await workerJob(worker);
    await provider.forceFlush();
    rules.push(exported.last(CPU));
    await workerJob(worker);
    await provider.shutdown();
    rules.push(exported.last(CPU));
    await worker.terminate();
    return rules;
  },

  async workersAtDisable() {
    const ruleMetrics = createMetrics();
    const provider = startProvider(ruleMetrics);
    const worker = await startWorker();
    await workerJob(worker);
    ruleMetrics.disable();
    await provider.forceFlush();
    const rules = [exported.last(CPU)];
    // Enabled again, the worker is sampled again.
    ruleMetrics.enable();
    await until(() => sharedCollector().running);
    await workerJob(worker);
    await provider.forceFlush();
    rules.push(exported.last(CPU));
    await worker.terminate();
    return rules;
  },

  /** The worker waits until the shutdown is over. */
  async blocked() {
    const provider = startProvider();
    const worker = await startWorker();
    worker.postMessage('block');
    await until(() => Atomics.load(worker.flag, 0) === 1);
    const cpu = job();
    await provider.shutdown();
    const found = figures(cpu);
    Atomics.store(worker.flag, 0, 0);
    Atomics.notify(worker.flag, 0);
    await worker.terminate();
    return found;
  },

  /** Each new provider gets figures of its own time, with an instance that was used before. */
  async newSdk() {
    const instrumentations = instrumentationsOf(new RuleInstrumentation(), createMetrics());
    const found = [];
    for (const temporality of ['DELTA', 'CUMULATIVE', 'DELTA'] as const) {
      const to = new Exports(AggregationTemporality[temporality]);
      const sdk = startSdk(to, instrumentations);
      const cpu = job();
      await (metrics.getMeterProvider() as MeterProvider).forceFlush();
      await sdk.shutdown();
      metrics.disable();
      const [total, last] = [to.sum(CPU, 'job'), to.last(CPU)['job']];
      found.push({ cpu, exported: temporality === 'DELTA' ? total : last });
    }
    return found;
  },

  /** No SDK is told of the instrumentations: they find each one by themselves. */
  async nextSdk() {
    registerInstrumentations({
      instrumentations: instrumentationsOf(new RuleInstrumentation(), createMetrics()),
    });
    const found = [];
    for (const temporality of ['CUMULATIVE', 'DELTA', 'CUMULATIVE'] as const) {
      const to = new Exports(AggregationTemporality[temporality]);
      const sdk = startSdk(to, instrumentationsOf());
      await until(() => sharedCollector().running);
      const cpu = job();
      await (metrics.getMeterProvider() as MeterProvider).forceFlush();
      await sdk.shutdown();
      metrics.disable();
      const [total, last] = [to.sum(CPU, 'job'), to.last(CPU)['job']];
      found.push({ cpu, exported: temporality === 'DELTA' ? total : last });
    }
    return { found, after: samplingState() };
  },

  /** Calls `enable()` while the provider shuts down, enabled before or not. */
  async enableAtTheEnd() {
    const states = [];
    for (const enabledBefore of [false, true]) {
      const ruleMetrics = createMetrics();
      const provider = new MeterProvider({ readers: [new Exports().reader] });
      new RuleInstrumentation();
      ruleMetrics.setMeterProvider(provider);
      if (!enabledBefore) ruleMetrics.disable();
      const shutdown = provider.shutdown();
      if (enabledBefore) ruleMetrics.disable();
      ruleMetrics.enable();
      await shutdown;
      await new Promise((resolve) => setImmediate(resolve));
      states.push(samplingState());
    }
    return states;
  },

  /** Unload and register again, on one provider. */
  async again() {
    const delta = new Exports(AggregationTemporality.DELTA);
    const meterProvider = new MeterProvider({ readers: [exported.reader, delta.reader] });
    const instrumentations = instrumentationsOf(new RuleInstrumentation(), createMetrics());
    let cpu = 0;
    for (let i = 0; i < 2; i++) {
      const unload = registerInstrumentations({ meterProvider, instrumentations });
      cpu += job();
      unload();
      work('off', 0.05);
      await meterProvider.forceFlush();
    }
    return {
      cpu,
      cumulative: exported.last(CPU),
      deltas: delta.sum(CPU, 'job'),
      usage: exported.last(USAGE),
    };
  },

  /** A provider that is registered when the instrumentations have long been. */
  async late() {
    registerInstrumentations({
      instrumentations: instrumentationsOf(new RuleInstrumentation(), createMetrics()),
    });
    const { running } = sharedCollector();
    const provider = new MeterProvider({ readers: [exported.reader] });
    metrics.setGlobalMeterProvider(provider);
    await until(() => sharedCollector().running);
    const cpu = job();
    await provider.shutdown();
    return { before: running, ...figures(cpu) };
  },

  /** No provider at all. The program ends when a minute has passed in `awaitMeterProvider`. */
  async never() {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    registerInstrumentations({
      instrumentations: instrumentationsOf(createMetrics(), createMetrics()),
    });
    const alive = setInterval(() => undefined, 60_000);
    await warned;
    clearInterval(alive);
    return { running: sharedCollector().running };
  },

  /** Two instances on one provider, and a third one on a provider of its own. */
  async twice() {
    const delta = new Exports(AggregationTemporality.DELTA);
    const own = new Exports();
    const meterProvider = new MeterProvider({ readers: [exported.reader, delta.reader] });
    const ownProvider = new MeterProvider({ readers: [own.reader] });
    new RuleInstrumentation();
    createMetrics().setMeterProvider(ownProvider);
    let cpu = 0;
    for (let i = 0; i < 3; i++) {
      const instrumentations = instrumentationsOf(createMetrics());
      if (i < 2) registerInstrumentations({ meterProvider, instrumentations });
      cpu += job();
      await meterProvider.forceFlush();
    }
    await ownProvider.forceFlush();
    return {
      cpu,
      cumulative: exported.last(CPU)['job'],
      deltas: delta.sum(CPU, 'job'),
      own: own.last(CPU)['job'],
    };
  },
};

async function main(): Promise<void> {
  print(await scenarios[process.argv[2] ?? '']?.());
}

void main();
