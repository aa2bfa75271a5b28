import { availableParallelism } from 'node:os';
import { Tally } from './Tally';

/** Memory of the process, and used heap of its main thread, bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/**
 * As many workers as the C library has arenas for threads. An arena keeps the memory of an ended
 * thread for the next one, so every arena has its full size at the first memory reading.
 */
export const FIRST_WORKERS = 8 * availableParallelism();

/** Largest growth of resident memory after the warm-up, as a fraction. */
const MAX_GROWTH = 0.05;
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Compares the medians of the first fifth after the warm-up and of the last fifth of the readings.
 * Prints both, and the tenths between them. A growth of more than 5 % counts as a loss.
 */
export function compareMemory(memory: readonly Memory[]): Tally {
  const tally = new Tally();
  const rss = memory.map((each) => each.rss);
  const fifth = Math.ceil(rss.length / 5);
  const early = median(rss.slice(Math.floor(rss.length / 3)).slice(0, fifth));
  const late = median(rss.slice(-fifth));
  const growth = late / early - 1;
  const tenth = Math.ceil(memory.length / 10);
  const tenths = Array.from({ length: 10 }, (_, i) => memory.slice(i * tenth, (i + 1) * tenth));
  const resident = tenths.map((each) => median(each.map(({ rss }) => rss)));
  console.log(`Resident memory in each tenth of the time: ${resident.map(megabytes).join(', ')}`);
  // The smallest reading, just after a garbage collection, is closest to the live objects.
  const heap = tenths.map((each) => Math.min(...each.map(({ heapUsed }) => heapUsed)));
  console.log(`Heap of the main thread, minimum in each tenth: ${heap.map(megabytes).join(', ')}`);
  const percent = (100 * growth).toFixed(1);
  console.log(
    `Resident memory from the end of the warm-up (${megabytes(early)}) to the last fifth (${megabytes(late)}): ${percent} %`,
  );
  tally.check(growth < MAX_GROWTH, `memory grew by ${percent} %`);
  return tally;
}
