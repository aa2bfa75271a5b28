import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sharedCollector } from '@rulescope/profiler';
import type { Series } from './figures';
import {
  CPU,
  type Scenarios,
  createMetrics,
  exported,
  figures,
  job,
  startProvider,
  until,
} from './setup';

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

/** Ways of ending with a worker. */
export const workerEndings: Scenarios = {
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
};
