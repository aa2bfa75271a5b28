import type { Recording } from '../model/Recording';
import type { Fairness } from './FairStart';

/** Fixed for the life of a run of the sampler. */
export interface SamplerOptions {
  /** Mean time between two samples, microseconds. */
  readonly samplingIntervalMicros: number;
  /** The sampler holds the samples of this much time, milliseconds; what comes later is lost. */
  readonly bufferMillis: number;
  /** Whether samples shall be fair, as far as the system allows. */
  readonly fair: boolean;
}

/** Samples the thread it is called on. One per thread. */
export interface Sampler {
  readonly running: boolean;
  /** Of the last start. `undefined` before the first. */
  readonly fairness: Fairness | undefined;
  /** Throws if the thread cannot be sampled now. */
  start(options: SamplerOptions): void;
  /**
   * Closes a recording and goes on with the next: without a gap, unless `options` differ from those
   * so far or {@link renew} was called. Throws if not running.
   */
  rotate(options: SamplerOptions): Recording;
  /** Closes the last recording. Throws if not running. */
  stop(): Recording;
  /**
   * At the next border, goes on with a new profiler of V8's. Whenever another profiler starts in
   * the thread, V8 tells all that run of all compiled code, and they keep it, again and again, as
   * long as they live: more than a megabyte each time.
   */
  renew(): void;
}
