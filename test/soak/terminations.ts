/**
 * `npm run soak -- workers`: terminates workers that are sampled, at a random moment and under
 * allocation pressure. Prints how many ended, and the growth of memory. Exit code 1 if a worker
 * fails, if the books do not close or if memory grew; a crash ends it with a signal.
 *
 *     --count N        workers to terminate, default 20,000
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type ProfileWindow, sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation } from 'rulescope';
import { Tally } from './Tally';
import { type Memory, compareMemory, readMemory } from './memory';
import { between } from './pace';

const { values: options } = parseArgs({ options: { count: { type: 'string', default: '20000' } } });
const count = Number(options.count);
if (!(Number.isInteger(count) && count > 0)) {
  throw new RangeError(`--count must be a positive integer; got ${options.count}`);
}

/** Workers alive at one time. */
const AT_ONCE = 4;
const PROGRESS = 1_000;

const tally = new Tally();
const memory: Memory[] = [];
let left = count;

/** Terminates workers one after another, each up to 150 ms after its start of work. */
async function terminate(): Promise<void> {
  while (left-- > 0) {
    const worker = new Worker(join(__dirname, 'allocatingWorker.js'));
    worker.on('error', (error) => tally.check(false, `a worker failed: ${String(error)}`));
    if (Math.random() < 0.8) await once(worker, 'message');
    await new Promise((resolve) => setTimeout(resolve, between(0, 150)));
    await worker.terminate();
    tally.count('terminated');
    const done = tally.did['terminated'] ?? 0;
    if (done % 100 === 0) memory.push(readMemory());
    if (done % PROGRESS === 0) console.log(`${done} terminated`);
  }
}

async function main(): Promise<void> {
  new RuleInstrumentation();
  const consumer = sharedCollector({ windowMillis: 1_000 }).addConsumer(
    'terminations',
    ({ origin, samples, error }: ProfileWindow) => {
      tally.count(origin.threadId === 0 ? 'windows' : 'windows of workers');
      tally.count('samples', samples.taken);
      const known = error === undefined || error.name === 'WorkerLostError';
      tally.check(known, `a window failed: ${error?.message}`);
    },
  );
  await Promise.all(Array.from({ length: AT_ONCE }, terminate));
  await consumer.remove();
  const done = Object.entries(tally.did).map(([what, times]) => `${times} ${what}`);
  console.log(`Node.js ${process.version}: ${done.join(', ')}`);
  const lost = [...tally.lost, ...compareMemory(memory).lost];
  console.log(lost.length === 0 ? 'Lost: nothing.' : `Lost:\n${lost.join('\n')}`);
  process.exitCode = lost.length === 0 ? 0 : 1;
}

void main();
