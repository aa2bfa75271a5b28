import { type AccuracyCell, CELLS } from './cases';
import type { DriverName } from './drivers';
import { WARM_UP_SECONDS } from './measure';
import { SIDES, type Side } from './results';

/** One run of a cell under one side, in a process of its own. */
export interface Job {
  readonly cell: AccuracyCell;
  readonly side: Side;
  readonly windows: number;
}

/** Length of a run that is there to be compared with, not to be bounded. */
const COMPARED_SECONDS = 30;
/** Starting a process, calibration and the end. */
const OVERHEAD_SECONDS = WARM_UP_SECONDS + 4;
/** They have a process of their own on the other processor. */
const WITH_GENERATOR: readonly DriverName[] = ['requests', 'stream'];

/** Returns the jobs of all cells and sides that were asked for, in the order of the design. */
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

/** Peers run on one version of Node.js: dd-trace labels nothing without AsyncContextFrame. */
function runsIn({ headline, node }: AccuracyCell, side: Side): boolean {
  if (side === 'fair') return true;
  return headline && (side === 'unfair' || node === '24');
}

/** Whether `job` leaves a processor to another job. */
function usesOneProcessor({ cell }: Job): boolean {
  return cell.placement === 'one' && !WITH_GENERATOR.includes(cell.driver);
}

/** Returns how long all `jobs` take, seconds. */
export function expectedSeconds(jobs: readonly Job[]): number {
  let seconds = 0;
  for (const job of jobs) {
    const own = job.windows * job.cell.windowSeconds + OVERHEAD_SECONDS;
    seconds += usesOneProcessor(job) ? own / 2 : own;
  }
  return seconds;
}

/** Runs `jobs`: two at a time, one on each processor, where they need one; the others alone. */
export async function runJobs(
  jobs: readonly Job[],
  run: (job: Job, cpu: number | undefined) => Promise<void>,
): Promise<void> {
  const halves = jobs.filter(usesOneProcessor);
  const lane = async (cpu: number): Promise<void> => {
    for (let job = halves.shift(); job !== undefined; job = halves.shift()) await run(job, cpu);
  };
  await Promise.all([lane(0), lane(1)]);
  for (const job of jobs.filter((each) => !usesOneProcessor(each))) {
    await run(job, job.cell.placement === 'two' ? undefined : 0);
  }
}
