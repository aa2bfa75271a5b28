import type { CallNode } from './CallNode';
import type { WindowError } from './WindowError';

/** CPU time used in a window, seconds. */
export interface WindowCpu {
  /** CPU time of the whole process, as the kernel counts it. */
  readonly processSeconds: number;
  /** CPU time of the sampled thread. */
  readonly threadSeconds: number;
  /**
   * CPU time of all other threads: libuv's pool, V8's helper threads, native add-ons and workers,
   * whether those are sampled or not.
   */
  readonly otherThreadsSeconds: number;
}

/**
 * Reason why a profile does not cover its whole window.
 *
 * - `overflow`: the sampler's buffer was full before the window ended.
 * - `stall`: the event loop was held up and closed the window long after its planned end.
 * - `stuck`: V8 stopped delivering samples, or less than a quarter of the samples arrived that the
 *   CPU of the thread should have produced.
 * - `failed`: the window was merged from several windows, and some of them have no profile.
 */
export type IncompleteReason = 'overflow' | 'stall' | 'stuck' | 'failed';

/** Place where a window was recorded. */
export interface WindowOrigin {
  /** Id of the thread, as in `node:worker_threads`. The main thread is 0. */
  readonly threadId: number;
  /** Path of the program. pprof shows it as "File". */
  readonly program: string;
  /** Comments for the profile, such as versions. */
  readonly comments: readonly string[];
}

/**
 * One closed stretch of profiling, as frozen, plain data. A window can be printed, cloned and sent
 * as JSON.
 */
export interface ProfileWindow {
  readonly origin: WindowOrigin;
  /** Number of the window in its collector. The first window is 1. */
  readonly sequence: number;
  /**
   * Start of the window (inclusive), milliseconds since the epoch. If the wall clock was set
   * meanwhile, this is the time that the clock would have shown with its new setting.
   */
  readonly startTime: number;
  /**
   * End of the window (exclusive) by the wall clock, milliseconds since the epoch. The wall clock
   * may jump: order windows by {@link endMonotonicMillis}.
   */
  readonly endTime: number;
  /**
   * End of the window by the monotonic clock, milliseconds since the process began. The clock never
   * jumps and is the same in all threads.
   */
  readonly endMonotonicMillis: number;
  /** Length of the window by the monotonic clock, milliseconds. */
  readonly durationMillis: number;
  /** Configured mean time between two samples, microseconds. */
  readonly samplingIntervalMicros: number;
  readonly cpu: WindowCpu;
  /**
   * Ids of the worker threads that are sampled together with the main thread when the window ends.
   * Only windows of the main thread have them. The CPU time of the workers is part of
   * `otherThreadsSeconds` here; the workers' own windows show it in detail. Absent if no worker is
   * sampled.
   */
  readonly workers?: readonly number[];
  readonly samples: {
    /**
     * Number of samples that the sampler took. Includes the signals of a line-level profile that
     * ran at the same time.
     */
    readonly taken: number;
    /**
     * Estimated number of samples that the CPU time should have produced and that are missing,
     * because of a full buffer or a stalled sampler.
     */
    readonly lost: number;
  };
  /** Whether the profile covers the whole window. */
  readonly complete: boolean;
  /**
   * Reason why the window is not complete. `undefined` in a complete window and in a failed window.
   * A failed window has an {@link error} instead.
   */
  readonly incompleteReason: IncompleteReason | undefined;
  /**
   * Reason why the window has no profile. Such a failed window has no samples, so no sample
   * accounts for the CPU of its thread. If the system does not report the CPU of a thread, a failed
   * window of the main thread counts all CPU of the process as CPU of the thread. A window that was
   * lost with its worker has no figure for the CPU of its thread.
   */
  readonly error: WindowError | undefined;
  /**
   * Whether SIGPROF left the thread's timers alone, so that samples are independent of the work:
   * see `@rulescope/fair-sampling`. If `false`, short bursts of work get too much or too little of
   * the CPU.
   */
  readonly fair: boolean;
  /**
   * Samples that represent CPU, divided by the number of samples expected for the CPU of the
   * thread. Above 1.08, the thread waited for a processor: see {@link contended}. Below 0.9,
   * samples are not fair. `undefined` if the window is not complete or has too little CPU for a
   * ratio.
   */
  readonly quality: number | undefined;
  /**
   * Time in which the thread was ready to run and waited for a processor, seconds. `undefined` if
   * the system does not report it. Linux does.
   */
  readonly waitSeconds: number | undefined;
  /**
   * Number of times the kernel put the thread on a processor. `undefined` if the system does not
   * report it. Linux does.
   */
  readonly timeslices: number | undefined;
  /**
   * Whether the thread waited for a processor for more than a tenth of its CPU time. Samples count
   * such waiting as CPU, so the figures are less exact: long bursts of work get too much. `false`
   * if the system does not report the waiting time.
   */
  readonly contended: boolean;
  /** Time for which closing this window blocked the event loop, seconds. */
  readonly pauseSeconds: number;
  /** Call tree. `undefined` in a failed window. */
  readonly root: CallNode | undefined;
  /**
   * One window for each kind of window in a merged window: windows of one kind agree in sampling
   * interval, in completeness and in whether they failed. Absent if all windows are of one kind.
   * Samples of different kinds weigh differently, so CPU is divided part by part.
   */
  readonly parts?: readonly ProfileWindow[];
}
