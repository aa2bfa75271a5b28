/** The work of the application: changing rules in the main thread, in workers and in a pool. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import Piscina from 'piscina';
import { carryRule, postWithRule, withRule } from 'rulescope';
import type { Stressor } from './Tally';
import { FIRST_WORKERS } from './memory';
import { between, burn, pause } from './pace';
import { firstWindowOf } from './readers';

const RULES = 500;
/** More rules than rulescope keeps, so that its tables are full at the first memory reading. */
const FIRST_RULES = 5_000;

/** Runs many rules once, then 500 rules that change every second, beside one lasting rule. */
export const rules: Stressor = async (tally, ended) => {
  for (let i = 0; i < FIRST_RULES && !ended.aborted; i++) {
    if (i % 10 === 0) withRule('steady', () => burn(15));
    await withRule(`first rule ${i}`, async () => {
      burn(between(1, 5));
      await setImmediate();
    });
    tally.count('first rules');
  }
  const live = Array.from({ length: RULES }, (_, i) => `rule ${i}`);
  const work = async (): Promise<void> => {
    burn(between(0.1, 3));
    await pause(0, ended);
    burn(0.2);
  };
  for (let round = 0; !ended.aborted; round++) {
    if (round % 5 === 0) withRule('steady', () => burn(15));
    if (round % 10 === 0) {
      tally.count('rules');
      live[Math.floor(Math.random() * RULES)] = `rule ${RULES + round / 10}`;
    }
    const rule = live[Math.floor(Math.random() * RULES)] ?? '';
    tally.count('rule entries');
    await Promise.all([withRule(rule, work), pause(between(5, 15), ended)]);
  }
};

const startWorker = (): Worker => new Worker(join(__dirname, 'worker.js'));

/**
 * Runs many workers at once, then pairs: one worker ends on request, the other is terminated within
 * a window.
 */
export const workers: Stressor = async (tally, ended) => {
  const first = Array.from({ length: FIRST_WORKERS }, startWorker);
  await Promise.all(first.map((worker) => once(worker, 'message')));
  tally.count('first workers', first.length);
  await Promise.all(
    first.map(async (worker) => {
      const { threadId } = worker;
      tally.check(await firstWindowOf(threadId), `worker ${threadId} was not sampled`);
      postWithRule(worker, { end: true });
      const [code] = (await once(worker, 'exit')) as [number];
      tally.check(code === 0, `a first worker ended with ${code}`);
    }),
  );
  while (!ended.aborted) {
    const two = [startWorker(), startWorker()];
    await Promise.all(two.map((worker) => once(worker, 'message')));
    tally.count('workers', two.length);
    for (const worker of two) {
      withRule('posted', () => postWithRule(worker, { burn: 5 }));
    }
    const [polite, rude] = two as [Worker, Worker];
    // A worker that ends before it is sampled cannot lose a window.
    tally.check(await firstWindowOf(rude.threadId), `worker ${rude.threadId} was not sampled`);
    await pause(between(0, 8_000), ended);
    postWithRule(polite, { end: true });
    const [[code]] = (await Promise.all([once(polite, 'exit'), rude.terminate()])) as [
      [number],
      number,
    ];
    tally.check(code === 0, `a worker ended with ${code}`);
    tally.count('terminated');
  }
};

/** Runs tasks in a pool. Each task must have the rule of its caller. */
export const pool: Stressor = async (tally, ended) => {
  const piscina = new Piscina({
    filename: join(__dirname, 'task.js'),
    maxThreads: 1,
    atomics: 'disabled',
  });
  for (let i = 0; !ended.aborted; i++) {
    const rule = `pooled ${i % 10}`;
    const found: unknown = await withRule(rule, () => piscina.run(carryRule({ burn: 2 })));
    tally.count('tasks');
    tally.check(found === rule, `a task of ${rule} ran in ${String(found)}`);
    await pause(between(10, 30), ended);
  }
  await piscina.destroy();
  tally.count('terminated');
};
