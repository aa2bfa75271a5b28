/** Counters that the kernel keeps for a thread since the thread began. */
export interface ThreadTimes {
  /** CPU time of the thread, seconds. */
  readonly cpuSeconds: number;
  /** Time in which the thread was ready to run and waited for a processor, seconds. Linux only. */
  readonly waitSeconds?: number;
  /**
   * Number of times the kernel put the thread on a processor, after a wait for events or for a
   * processor. Linux only.
   */
  readonly timeslices?: number;
}

/** The same moment by both clocks. */
export interface Moment {
  /** Time of the wall clock, milliseconds since the epoch. It may jump: it only labels. */
  readonly epochMillis: number;
  /** Time of the monotonic clock that all threads share, milliseconds since the process began. */
  readonly monotonicMillis: number;
}

/** Reading of all clocks at the boundary between two windows. */
export interface ClockReading extends Moment {
  /** CPU time of the process since it began, seconds. */
  readonly processCpuSeconds: number;
  /** Counters of the sampled thread. `undefined` if the system does not report them. */
  readonly thread?: ThreadTimes | undefined;
}

/** A smaller difference can be a pause between the readings of the two clocks. */
const MIN_JUMP_MILLIS = 1_000;

/**
 * Returns how far the wall clock was set between two moments, milliseconds: 3,600,000 if it was put
 * forward by an hour. Pure.
 */
export function jumpMillis(from: Moment, to: Moment): number {
  const wall = to.epochMillis - from.epochMillis;
  const jump = Math.round(wall - (to.monotonicMillis - from.monotonicMillis));
  return Math.abs(jump) < MIN_JUMP_MILLIS ? 0 : jump;
}
