import { availableParallelism } from 'node:os';
import { collectGarbage } from '../support/collectGarbage';
import { Tally } from './Tally';

/** A reading of the memory of the process, bytes. */
export interface Memory {
  /** Resident memory, without the heap of the main thread. */
  readonly native: number;
  /** Used heap of the main thread. */
  readonly heapUsed: number;
}

/** Time between two readings, milliseconds. */
export const READING_MILLIS = 5_000;

/**
 * Reads the memory after a garbage collection. V8 keeps 50 MB more or less of free heap for the
 * same load, so the free part of the heap does not count.
 */
export function readMemory(): Memory {
  collectGarbage();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return { native: rss - heapTotal, heapUsed };
}

/**
 * As many workers as the C library has arenas for threads. An arena keeps the memory of an ended
 * thread for the next one, so every arena has its full size at the first memory reading.
 */
export const FIRST_WORKERS = 8 * availableParallelism();

/**
 * Part of the readings before the comparison. The arenas of the C library grow to the largest need
 * that there ever was at one time, which takes minutes to come.
 */
const WARM_UP_SHARE = 0.5;
/** Largest growth of memory after the warm-up, as a fraction. */
const MAX_GROWTH = 0.05;
/** With fewer readings, a run is too short to judge. */
const MIN_READINGS = 20;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function inUse(memory: readonly Memory[]): number {
  return median(memory.map(({ native, heapUsed }) => native + heapUsed));
}

/**
 * Compares the memory in use in the first fifth after the warm-up and in the last fifth of the
 * readings. Prints both, and the tenths of the time. A growth of more than 5 % counts as a loss, if
 * there are enough readings.
 */
export function compareMemory(memory: readonly Memory[]): Tally {
  const tally = new Tally();
  const tenth = Math.ceil(memory.length / 10);
  const inTenths = (key: keyof Memory): string =>
    Array.from({ length: 10 }, (_, i) =>
      megabytes(median(memory.slice(i * tenth, (i + 1) * tenth).map((each) => each[key]))),
    ).join(', ');
  console.log(`Native memory in each tenth of the time: ${inTenths('native')}`);
  console.log(`Live heap of the main thread: ${inTenths('heapUsed')}`);
  const fifth = Math.ceil(memory.length / 5);
  const early = inUse(memory.slice(Math.floor(memory.length * WARM_UP_SHARE)).slice(0, fifth));
  const late = inUse(memory.slice(-fifth));
  const growth = late / early - 1;
  const percent = (100 * growth).toFixed(1);
  console.log(
    `Memory in use from the end of the warm-up (${megabytes(early)}) to the last fifth (${megabytes(late)}): ${percent} %`,
  );
  if (memory.length < MIN_READINGS) console.log('The run was too short to judge the memory.');
  else tally.check(growth < MAX_GROWTH, `memory grew by ${percent} %`);
  return tally;
}
