import { type AccuracyCell, CELLS } from './cases';
import type { DriverName } from './drivers';
import { WARM_UP_SECONDS } from './measure';
import { SIDES, type Side } from './results';

/** One run of a cell with one profiler (`side`), in its own process. */
export interface Job {
  readonly cell: AccuracyCell;
  readonly side: Side;
  readonly windows: number;
}

/** Length of a run for comparison only, without bounds. */
const COMPARED_SECONDS = 30;
/** Time for the start of a process, warm-up, calibration and exit. */
const OVERHEAD_SECONDS = WARM_UP_SECONDS + 4;
/** Drivers with a second process, which uses the other processor. */
const WITH_GENERATOR: readonly DriverName[] = ['requests', 'stream'];

/** Returns the jobs of all wanted cells and sides, in the order of `CELLS`. */
export function selectJobs(
  scale: number,
  isWanted: (cell: AccuracyCell, side: Side) => boolean,
): Job[] {
  return CELLS.flatMap((cell) =>
    SIDES.filter((side) => runsIn(cell, side) && isWanted(cell, side)).map((side) => {
      const seconds = side === 'fair' ? cell.seconds : COMPARED_SECONDS;
      const windows = Math.max(1, Math.round((seconds * scale) / cell.windowSeconds));
      return { cell, side, windows };
    }),
  );
}

/**
 * Returns whether `side` runs this cell. Peers run on one version of Node.js, because dd-trace
 * labels nothing without AsyncContextFrame.
 */
function runsIn({ headline, node }: AccuracyCell, side: Side): boolean {
  if (side === 'fair') return true;
  return headline && (side === 'unfair' || node === '24');
}

/** Returns whether another job can use the other processor at the same time. */
function usesOneProcessor({ cell }: Job): boolean {
  return cell.placement === 'one' && !WITH_GENERATOR.includes(cell.driver);
}

/** Returns how long all `jobs` take, in seconds. */
export function expectedSeconds(jobs: readonly Job[]): number {
  let seconds = 0;
  for (const job of jobs) {
    const own = job.windows * job.cell.windowSeconds + OVERHEAD_SECONDS;
    seconds += usesOneProcessor(job) ? own / 2 : own;
  }
  return seconds;
}

/** Runs jobs that need one processor in pairs, one on each processor, and then the others alone. */
export async function runJobs(
  jobs: readonly Job[],
  run: (job: Job, cpu: number | undefined) => Promise<void>,
): Promise<void> {
  const pairable = jobs.filter(usesOneProcessor);
  const lane = async (cpu: number): Promise<void> => {
    for (let job = pairable.shift(); job !== undefined; job = pairable.shift()) await run(job, cpu);
  };
  await Promise.all([lane(0), lane(1)]);
  for (const job of jobs.filter((each) => !usesOneProcessor(each))) {
    await run(job, job.cell.placement === 'two' ? undefined : 0);
  }
}
