import type { Moment } from '../base/Moment';

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

/** Reading of all clocks at the boundary between two windows. */
export interface ClockReading extends Moment {
  /** CPU time of the process since it began, seconds. */
  readonly processCpuSeconds: number;
  /** Counters of the sampled thread. `undefined` if the system does not report them. */
  readonly thread?: ThreadTimes | undefined;
}
