import type { ProfileWindow } from '../model/ProfileWindow';
import type { CpuByHit } from './cpuByHit';

/**
 * Systematic standard error of a figure, as shares of the figure. See the rows of
 * `npm run bench:accuracy`. `wakeUps` and `unfair` are judged from these rows, not fitted to them.
 */
const SYSTEMATIC_SHARES = {
  /** Error that fair sampling leaves: the bias of each class is at most 5 %. */
  always: 0.025,
  /**
   * Factor for the share of wake-ups in the thread's CPU. The cost of a wake-up differs from
   * machine to machine.
   */
  wakeUps: 0.5,
  /**
   * Factor for the share of waiting in the time in which the thread was ready to run. Cells
   * `shared`: at a share of nearly one half, biases reach one half, which is two standard errors.
   */
  waiting: 0.5,
  /** Error if samples are not fair. Side `unfair`. */
  unfair: 0.5,
};

/** Returns the share of each figure of a window that is its systematic standard error. Pure. */
export function systematicShareOf(
  { fair, contended, cpu, waitSeconds = 0 }: ProfileWindow,
  { wakeUpSeconds }: CpuByHit,
): number {
  const { always, wakeUps, waiting, unfair } = SYSTEMATIC_SHARES;
  const { threadSeconds } = cpu;
  return Math.hypot(
    always,
    threadSeconds > 0 ? (wakeUps * wakeUpSeconds) / threadSeconds : 0,
    contended ? (waiting * waitSeconds) / (waitSeconds + threadSeconds) : 0,
    fair ? 0 : unfair,
  );
}
