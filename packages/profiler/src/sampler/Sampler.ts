import type { Recording } from '../model/Recording';
import type { Fairness } from './FairStart';

/** Options of one run of the sampler. */
export interface SamplerOptions {
  /** Mean time between two samples, microseconds. */
  readonly samplingIntervalMicros: number;
  /**
   * Time for which the buffer of the sampler holds samples, milliseconds. Later samples are lost.
   */
  readonly bufferMillis: number;
  /** Whether to sample fairly, as far as the system allows: see {@link Fairness}. */
  readonly fair: boolean;
  /** Whether each sample has the async id that was executing. Default false. */
  readonly asyncIds?: boolean;
}

/** Sampler of the thread on which it is called. There is one per thread. */
export interface Sampler {
  readonly running: boolean;
  /** Fairness of the last start. `undefined` before the first start. */
  readonly fairness: Fairness | undefined;
  /** Starts sampling. Throws if the thread cannot be sampled now. */
  start(options: SamplerOptions): void;
  /**
   * Closes the current recording and starts the next one. There is no gap between them, unless
   * `options` differ from the current options or {@link renew} was called. Throws if the sampler is
   * not running.
   */
  rotate(options: SamplerOptions): Recording;
  /** Stops sampling and returns the last recording. Throws if the sampler is not running. */
  stop(): Recording;
  /**
   * Makes the next {@link rotate} continue with a new V8 profiler. The reason is memory: each time
   * another profiler starts in the thread, V8 describes all compiled code to all running profilers,
   * and these keep every description as long as they live. Each one takes more than a megabyte.
   */
  renew(): void;
}
