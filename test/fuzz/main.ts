/**
 * `npm run fuzz`: starts, stops and disturbs everything in random order, under load: SDKs, metrics,
 * labels, readers, workers, profiles over HTTP, foreign profilers, flushes, jumps of the wall clock
 * and fake timers. Prints the seed, what was done how often, and what was lost.
 * Exit code 1 if the books of an SDK do not close, if an error was not handled, if memory grew, or
 * if the program did not end by itself; a crash ends it with a signal.
 *
 *     --minutes N      default 10; the first half is warm-up for the memory
 *     --seed N         default random; gives the same order of operations again
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { realTimers } from './realTimers';
import { Tally } from '../soak/Tally';
import { type Memory, READING_MILLIS, compareMemory, readMemory } from '../soak/memory';
import { World } from './World';
import { OPERATIONS } from './operations';

const { values: options } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Number(options.minutes);
if (!(minutes > 0)) {
  throw new RangeError(`--minutes must be a positive number; got ${options.minutes}`);
}
const seed = Number(options.seed ?? randomInt(1, 2 ** 31 - 1));
if (!(Number.isInteger(seed) && seed > 0 && seed < 2 ** 31 - 1)) {
  throw new RangeError(`--seed must be an integer from 1 to 2147483646; got ${options.seed}`);
}

/** Longest time for one operation and for the end, milliseconds. */
const LIMIT_MILLIS = 60_000;
/** The last operations, printed if something was lost. */
const REMEMBERED = 30;

const tally = new Tally();
const recent: string[] = [];

/** Ends the program if `work` takes too long. */
async function limited<T>(what: string, work: T | Promise<T>): Promise<T> {
  const timer = realTimers.setTimeout(() => {
    console.log(`Seed ${seed}: ${what} took over ${LIMIT_MILLIS} ms, after ${recent.join(', ')}`);
    process.exit(1);
  }, LIMIT_MILLIS);
  try {
    return await work;
  } finally {
    realTimers.clearTimeout(timer);
  }
}

async function fuzz(): Promise<void> {
  console.log(`Node.js ${process.version}, seed ${seed}, ${minutes} minutes`);
  const unheard = (kind: string) => (error: unknown) => {
    const stack = error instanceof Error ? error.stack : String(error);
    tally.check(false, `${kind} after ${recent.slice(-5).join(', ')}: ${stack}`);
  };
  process.on('unhandledRejection', unheard('unhandled rejection'));
  process.on('uncaughtException', unheard('uncaught exception'));
  process.on('warning', (warning: Error & { code?: string }) => {
    const known = warning.code?.startsWith('RULESCOPE_') ?? false;
    if (known) tally.count(`warnings ${warning.code}`);
    else unheard('warning')(warning);
  });
  const world = await World.create(tally, seed);
  const memory: Memory[] = [];
  const watch = realTimers.setInterval(() => {
    // The heap of a worker is larger than the growth that is looked for.
    if (world.workers.size === 0) memory.push(readMemory());
  }, READING_MILLIS);
  const names = Object.keys(OPERATIONS);
  const end = realTimers.now() + BigInt(Math.round(minutes * 60e9));
  while (realTimers.now() < end) {
    const name = names[world.dice(names.length)]!;
    recent.push(name);
    const lostBefore = tally.lost.length;
    if (await limited(name, OPERATIONS[name]!(world))) tally.count(name);
    else recent.pop();
    if (recent.length > REMEMBERED) recent.shift();
    await limited('work', world.work());
    for (const lost of tally.lost.slice(lostBefore)) {
      console.log(`Lost: ${lost}\n  after ${recent.join(', ')}`);
    }
  }
  await limited('the end', world.close());
  realTimers.clearInterval(watch);
  for (const name of names) tally.check(name in tally.did, `never done: ${name}`);

  const done = Object.entries(tally.did).map(([what, times]) => `${times} ${what}`);
  console.log(`Did: ${done.join(', ')}`);
  const lost = [...tally.lost, ...compareMemory(memory).lost];
  console.log(
    lost.length === 0 ? 'Lost: nothing.' : `Lost, with seed ${seed}:\n${lost.join('\n')}`,
  );
  process.exitCode = lost.length === 0 ? 0 : 1;
  realTimers
    .setTimeout(() => {
      const left = process.getActiveResourcesInfo().join(', ');
      console.log(`Seed ${seed}: the program does not end by itself: ${left}`);
      process.exit(1);
    }, LIMIT_MILLIS)
    .unref();
}

void fuzz();
