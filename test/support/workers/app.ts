/**
 * A program with rules in its main thread and in workers. Runs the scenario that its argument names
 * and prints the result as JSON.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { type ProfileWindow, attributeCpu, sharedCollector } from '@rulescope/profiler';
import Piscina from 'piscina';
import { RuleInstrumentation, RuleMetrics, carryRule, postWithRule, withRule } from 'rulescope';
import { nextTurn, work } from './work';

class Reader extends MetricReader {
  /** Returns counters and gauges by metric and first attribute, summed over other attributes. */
  async values(): Promise<Record<string, Record<string, number>>> {
    const { resourceMetrics } = await this.collect();
    const values: Record<string, Record<string, number>> = {};
    for (const { metrics } of resourceMetrics.scopeMetrics) {
      for (const { descriptor, dataPoints } of metrics) {
        const series: Record<string, number> = (values[descriptor.name] = {});
        for (const { attributes, value } of dataPoints as DataPoint<number>[]) {
          const first = String(Object.values(attributes)[0]);
          series[first] = (series[first] ?? 0) + value;
        }
      }
    }
    return values;
  }
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

const RULES = ['a', 'b', 'main', 'pooled', 'posted', 'shared'];
/** Hits that each rule needs. 40 hits have a standard error of 16 %. */
const ENOUGH_HITS = 40;

const reader = new Reader();
const metrics = new RuleMetrics({ windowMillis: 500 });
const collector = sharedCollector();
const windows: ProfileWindow[] = [];
const hits = new Map<string, number>();
const windowListeners: (() => void)[] = [];

function start(): void {
  new RuleInstrumentation();
  metrics.setMeterProvider(new MeterProvider({ readers: [reader] }));
  collector.addConsumer('test', (window) => {
    windows.push(window);
    for (const [rule, share] of attributeCpu(window, 'rule').labels) {
      hits.set(rule, (hits.get(rule) ?? 0) + share.hits);
    }
    for (const resolve of windowListeners.splice(0)) resolve();
  });
}

/** Resolves when `done()` is true. Checks it after each window. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise<void>((resolve) => windowListeners.push(resolve));
}

/** Resolves when `count` more windows of the thread have arrived. */
function windowsOf(threadId: number, count: number): Promise<void> {
  const closed = (): number => windows.filter((w) => w.origin.threadId === threadId).length;
  const end = closed() + count;
  return until(() => closed() >= end);
}

function startWorker(rules: Record<string, number>): Worker {
  return new Worker(join(__dirname, 'worker.js'), { workerData: { rules } });
}

/** Messages of `worker.ts`. */
interface WorkerMessage {
  readonly sampling?: true;
  readonly done?: true;
  readonly used?: number;
}

/** Resolves with the field `key` of the next message of the worker that has this field. */
function receive<K extends keyof WorkerMessage>(
  worker: Worker,
  key: K,
): Promise<NonNullable<WorkerMessage[K]>> {
  return new Promise((resolve) => {
    const listen = (message: WorkerMessage): void => {
      const value = message[key];
      if (value === undefined) return;
      worker.off('message', listen);
      resolve(value);
    };
    worker.on('message', listen);
  });
}

const sampling = (worker: Worker): Promise<true> => receive(worker, 'sampling');

function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const scenarios: Record<string, () => Promise<unknown>> = {
  /** Runs rules in all threads, stops them, and reads the metrics and the CPU of the process. */
  async books() {
    const early = startWorker({ a: 3, shared: 1 });
    await once(early, 'online');
    start();
    // The first window has just begun.
    const begun = processCpu();
    const late = startWorker({ b: 1, shared: 1 });
    const pool = new Piscina({
      filename: join(__dirname, 'task.js'),
      maxThreads: 1,
      atomics: 'disabled',
    });
    const pooledThread = pool.threads[0]?.threadId;
    const threadIds = [early.threadId, late.threadId];
    await Promise.all([sampling(early), sampling(late)]);
    const poolRules = new Set<unknown>();
    let stopping = false;
    const inPool = async (): Promise<void> => {
      while (!stopping) {
        poolRules.add(await withRule('pooled', () => pool.run(carryRule(2))));
        poolRules.add((await pool.run(1)) ?? 'none');
      }
    };
    const inMain = async (): Promise<void> => {
      while (!stopping) {
        withRule('main', () => work(1));
        await nextTurn();
      }
    };
    // Posts one task at a time: a growing queue would leave `late` no time for its own rules.
    const posting = async (): Promise<void> => {
      while (!stopping) {
        const done = receive(late, 'done');
        withRule('posted', () => postWithRule(late, { work: 1 }));
        await done;
      }
    };
    const works = [inPool(), inMain(), posting()];
    await until(() => RULES.every((rule) => (hits.get(rule) ?? 0) >= ENOUGH_HITS));
    stopping = true;
    await Promise.all(works);
    const used = await Promise.all(
      [early, late].map(async (worker) => {
        postWithRule(worker, { end: true });
        const used = await receive(worker, 'used');
        if (worker.threadId > 0) await once(worker, 'exit');
        return used;
      }),
    );
    await pool.destroy();
    // Waits for the window in which the workers ended, and for the one after it.
    await windowsOf(0, 2);
    const cpu = processCpu() - begun;
    const sampled = threadIds.map((threadId) =>
      windows
        .filter((window) => window.origin.threadId === threadId)
        .reduce((sum, window) => sum + window.cpu.threadSeconds, 0),
    );
    const ofPool = windows.filter((window) => window.origin.threadId === pooledThread);
    const poolHits = ofPool.reduce(
      (sum, window) => sum + (attributeCpu(window, 'rule').labels.get('pooled')?.hits ?? 0),
      0,
    );
    const values = await reader.values();
    return { values, cpu, used, sampled, poolRules: [...poolRules], poolHits };
  },

  /** Terminates a worker within a window. */
  async terminated() {
    start();
    const worker = startWorker({ a: 1 });
    const { threadId } = worker;
    await sampling(worker);
    await windowsOf(threadId, 2);
    await worker.terminate();
    await windowsOf(0, 4);
    const own = windows.filter((window) => window.origin.threadId === threadId);
    return {
      windows: (await reader.values())['rulescope.windows'],
      errors: own.flatMap(({ error }) => error?.name ?? []),
      lastHasError: own.at(-1)?.error !== undefined,
      usage: (await reader.values())['rulescope.rule.cpu.usage'],
    };
  },

  /** Terminates generations of five workers within a window. One more worker ends by itself. */
  async churn() {
    start();
    const generation = async (): Promise<void> => {
      const workers = Array.from({ length: 5 }, () => startWorker({ a: 1 }));
      await Promise.all(workers.map(sampling));
      await Promise.all(workers.map((worker) => worker.terminate()));
    };
    for (let i = 0; i < Number(process.argv[3]); i++) await generation();
    const orderly = startWorker({ a: 1 });
    await sampling(orderly);
    postWithRule(orderly, { end: true });
    await once(orderly, 'exit');
    await windowsOf(0, 2);
    return {
      windows: (await reader.values())['rulescope.windows'],
      workers: windows.at(-1)?.workers?.length ?? 0,
    };
  },

  /** Runs a worker without rulescope beside a worker with it. */
  async untouched() {
    start();
    const worker = startWorker({ a: 1 });
    await sampling(worker);
    const plain = new Worker(join(__dirname, 'plain.js'));
    const { threadId } = plain;
    // On a busy machine, both events arrive in the same turn, so listen for both first.
    const exited = once(plain, 'exit') as Promise<[number]>;
    const [found] = (await once(plain, 'message')) as [unknown];
    const [code] = await exited;
    await windowsOf(worker.threadId, 1);
    await worker.terminate();
    return { found, code, windows: windows.filter((w) => w.origin.threadId === threadId).length };
  },

  /** Runs a worker before and after the collector has its first consumer. */
  async idle() {
    const worker = startWorker({ a: 1 });
    let sampled = false;
    const first = sampling(worker).then(() => (sampled = true));
    await once(worker, 'online');
    for (let i = 0; i < 200; i++) await nextTurn();
    const sampledBefore = sampled;
    start();
    await first;
    // The worker and its connections must not keep the process alive.
    worker.unref();
    return { sampledBefore };
  },
};

async function main(): Promise<void> {
  // rulescope does not keep the process alive while it waits for a window, so this timer does.
  const waiting = setInterval(() => undefined, 60_000);
  const found = await scenarios[process.argv[2]!]!();
  metrics.disable();
  clearInterval(waiting);
  console.log(JSON.stringify(found));
}

void main();
