/** A program with rules in its main thread and in workers. Does the scenario of its name and prints what it found. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { type ProfileWindow, attributeCpu, sharedCollector } from '@rulescope/profiler';
import Piscina from 'piscina';
import { RuleInstrumentation, RuleMetrics, carryRule, postWithRule, withRule } from 'rulescope';
import { nextTurn, work } from './work';

class Reader extends MetricReader {
  /** The values of counters and gauges by metric and first attribute, summed over all others. */
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
/** Of each rule: a standard error of 16 %. */
const ENOUGH_HITS = 40;

const reader = new Reader();
const metrics = new RuleMetrics({ windowMillis: 500 });
const collector = sharedCollector();
const windows: ProfileWindow[] = [];
const hits = new Map<string, number>();
const tell: (() => void)[] = [];

function start(): void {
  new RuleInstrumentation();
  metrics.setMeterProvider(new MeterProvider({ readers: [reader] }));
  collector.addConsumer('test', (window) => {
    windows.push(window);
    for (const [rule, share] of attributeCpu(window, 'rule').labels) {
      hits.set(rule, (hits.get(rule) ?? 0) + share.hits);
    }
    for (const resolve of tell.splice(0)) resolve();
  });
}

/** Fulfils when `done` says so of a window that has arrived. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise<void>((resolve) => tell.push(resolve));
}

/** Fulfils when `count` more windows of the thread have arrived. */
function windowsOf(threadId: number, count: number): Promise<void> {
  const closed = (): number => windows.filter((w) => w.origin.threadId === threadId).length;
  const end = closed() + count;
  return until(() => closed() >= end);
}

function startWorker(rules: Record<string, number>): Worker {
  return new Worker(join(__dirname, 'worker.js'), { workerData: { rules } });
}

/** What `worker.ts` tells. */
interface Told {
  readonly sampling?: true;
  readonly done?: true;
  readonly used?: number;
}

/** Fulfils with the next message of the worker that tells `what`. */
function told<K extends keyof Told>(worker: Worker, what: K): Promise<NonNullable<Told[K]>> {
  return new Promise((resolve) => {
    const listen = (message: Told): void => {
      const value = message[what];
      if (value === undefined) return;
      worker.off('message', listen);
      resolve(value);
    };
    worker.on('message', listen);
  });
}

const sampling = (worker: Worker): Promise<true> => told(worker, 'sampling');

function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const scenarios: Record<string, () => Promise<unknown>> = {
  /** Rules everywhere; then everything rests, and the books are read. */
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
    let resting = false;
    const inPool = async (): Promise<void> => {
      while (!resting) {
        poolRules.add(await withRule('pooled', () => pool.run(carryRule(2))));
        poolRules.add((await pool.run(1)) ?? 'none');
      }
    };
    const inMain = async (): Promise<void> => {
      while (!resting) {
        withRule('main', () => work(1));
        await nextTurn();
      }
    };
    // One at a time: a queue that grows would leave `late` no time for its own rules.
    const posting = async (): Promise<void> => {
      while (!resting) {
        const done = told(late, 'done');
        withRule('posted', () => postWithRule(late, { work: 1 }));
        await done;
      }
    };
    const works = [inPool(), inMain(), posting()];
    await until(() => RULES.every((rule) => (hits.get(rule) ?? 0) >= ENOUGH_HITS));
    resting = true;
    await Promise.all(works);
    const used = await Promise.all(
      [early, late].map(async (worker) => {
        postWithRule(worker, { end: true });
        const used = await told(worker, 'used');
        if (worker.threadId > 0) await once(worker, 'exit');
        return used;
      }),
    );
    await pool.destroy();
    // The window that had them, and one that lets the last of their CPU go.
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

  /** A worker is terminated in the midst of a window, and nothing else ends. */
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

  /** Generations of five workers come and go in the midst of a window; one more ends by itself. */
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
      workers: windows.at(-1)?.workers ?? 0,
    };
  },

  /** A worker without any setup beside one with. */
  async untouched() {
    start();
    const worker = startWorker({ a: 1 });
    await sampling(worker);
    const plain = new Worker(join(__dirname, 'plain.js'));
    const { threadId } = plain;
    // On a busy machine both events come in the same turn.
    const exited = once(plain, 'exit') as Promise<[number]>;
    const [found] = (await once(plain, 'message')) as [unknown];
    const [code] = await exited;
    await windowsOf(worker.threadId, 1);
    await worker.terminate();
    return { found, code, windows: windows.filter((w) => w.origin.threadId === threadId).length };
  },

  /** Nobody reads, then somebody does, then nobody. */
  async idle() {
    const worker = startWorker({ a: 1 });
    let said = false;
    const first = sampling(worker).then(() => (said = true));
    await once(worker, 'online');
    for (let i = 0; i < 200; i++) await nextTurn();
    const saidBefore = said;
    start();
    await first;
    // It keeps nobody alive, and neither do the lines between the threads.
    worker.unref();
    return { saidBefore };
  },
};

async function main(): Promise<void> {
  // Nothing of ours keeps the process alive while it waits for a window.
  const waiting = setInterval(() => undefined, 60_000);
  const found = await scenarios[process.argv[2]!]!();
  metrics.disable();
  clearInterval(waiting);
  console.log(JSON.stringify(found));
}

void main();
