/** What the kernel counts of a thread since it began. */
export interface ThreadTimes {
  readonly cpuSeconds: number;
  /** Time for which it could run and waited for a processor. Linux only. */
  readonly waitSeconds?: number;
  /** Times it was put on a processor, after a wait for events or for its turn. Linux only. */
  readonly timeslices?: number;
}

/** The clocks at a border between two windows. */
export interface ClockReading {
  /** Milliseconds since the epoch. */
  readonly epochMillis: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMillis: number;
  /** CPU the process has used since it began, seconds. */
  readonly processCpuSeconds: number;
  /** Of the sampled thread, where the system tells. */
  readonly thread?: ThreadTimes | undefined;
}
