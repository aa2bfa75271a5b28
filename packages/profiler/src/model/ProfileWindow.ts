import type { Profile } from '../pprof/Profile';
import type { CallNode } from './CallNode';

/** CPU used in a window, seconds. */
export interface WindowCpu {
  /** By the whole process, as the kernel counts it. */
  readonly processSeconds: number;
  /** By the sampled thread. */
  readonly threadSeconds: number;
  /** By all other threads: libuv's pool, V8's helpers, native add-ons, workers, sampled or not. */
  readonly otherThreadsSeconds: number;
}

/**
 * Why a profile does not speak for its whole window: the sampler's buffer was full before it ended,
 * the thread did not get round to closing it for long after its end, or V8 stopped to deliver
 * samples. `failed`: it was merged from several, not all of which have a profile.
 */
export type IncompleteReason = 'overflow' | 'stall' | 'stuck' | 'failed';

/** Where a window was recorded. */
export interface WindowOrigin {
  /** As in `node:worker_threads`: 0 is the main thread. */
  readonly threadId: number;
  /** Path of the program: "File" in pprof. */
  readonly program: string;
  /** Comments in the profile, such as versions. */
  readonly comments: readonly string[];
}

/** One closed stretch of profiling. Frozen. */
export interface ProfileWindow {
  readonly origin: WindowOrigin;
  /** Counts the windows of its collector from 1. */
  readonly sequence: number;
  /** First instant in it, milliseconds since the epoch. */
  readonly startTime: number;
  /** First instant after it, milliseconds since the epoch. */
  readonly endTime: number;
  /** Length by the monotonic clock, milliseconds. */
  readonly durationMillis: number;
  /** Mean time between two samples that was asked for, microseconds. */
  readonly samplingIntervalMicros: number;
  readonly cpu: WindowCpu;
  /**
   * Worker threads that are sampled beside the main thread, in its windows: what they used is in
   * `otherThreadsSeconds` here, and in the windows of their own that say more about it. Absent:
   * none.
   */
  readonly workers?: number;
  readonly samples: {
    /** By the sampler; with the signals of a line-level profile that ran at the same time. */
    readonly taken: number;
    /**
     * That CPU should have brought and that are not there: a full buffer, a stalled sampler. An
     * estimate.
     */
    readonly lost: number;
  };
  /** Whether the profile speaks for the whole window. */
  readonly complete: boolean;
  /** Why not. `undefined` in a complete window and in a failed one, which has an {@link error}. */
  readonly incompleteReason: IncompleteReason | undefined;
  /**
   * Why there is no profile. The window then has no samples, and all CPU of its thread is CPU that
   * no sample speaks for. Where the system does not tell the CPU of a thread, on the main thread
   * that is all CPU of the process. A window of a worker that was lost knows nothing of its CPU.
   */
  readonly error: Error | undefined;
  /**
   * Whether SIGPROF left the thread's timers alone, so that samples are independent of the work:
   * see `@rulescope/fair-sampling`. Otherwise short bursts of work get too much or too little of
   * the CPU.
   */
  readonly fair: boolean;
  /**
   * Samples that speak for CPU / samples that the thread's CPU should have brought. Above 1.08 the
   * thread waited for a processor, see {@link contended}; below 0.9 samples are not fair.
   * `undefined` in a window that is not complete, or has too little CPU to tell.
   */
  readonly quality: number | undefined;
  /**
   * Time for which the thread could run and waited for a processor, seconds. `undefined`: the
   * system does not tell; Linux does.
   */
  readonly waitSeconds: number | undefined;
  /** Times the thread was put on a processor. `undefined`: the system does not tell; Linux does. */
  readonly timeslices: number | undefined;
  /**
   * Whether the thread waited for a processor for more than a tenth of its CPU. Such waiting is
   * sampled like CPU, so figures are less exact: long bursts of work get too much. `false` where
   * the system does not tell.
   */
  readonly contended: boolean;
  /** Time for which closing this window held the event loop, seconds. */
  readonly pauseSeconds: number;
  /** The call tree; `undefined` in a failed window. */
  readonly root: CallNode | undefined;
  /**
   * Only in a window merged from unlike ones: a window for each kind, which are alike in interval
   * and completeness. Their samples weigh differently, so CPU is divided part by part.
   */
  readonly parts?: readonly ProfileWindow[];
  /**
   * The window in pprof's format, see `toPprof`. Built when first asked for. @throws the
   * window's error.
   */
  readonly profile: Profile;
}
