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
  /** Whether the sampler has ended for good. Every start throws from then on. */
  readonly retired?: boolean;
  /** Fairness of the last start. `undefined` before the first start. */
  readonly fairness: Fairness | undefined;
  /** Starts sampling. Throws if the thread cannot be sampled now. */
  start(options: SamplerOptions): void;
  /**
   * Closes the current recording and starts the next one. There is no gap between them, unless
   * `options` differ from the current options, or other profilers that started in the thread have
   * filled the memory of ours. Throws if the sampler is not running.
   */
  rotate(options: SamplerOptions): Recording;
  /** Stops sampling and returns the last recording. Throws if the sampler is not running. */
  stop(): Recording;
  /** Who uses the sampler. */
  user?: SamplerUser | undefined;
}

/** What a sampler asks of the collector that uses it. Neither method throws. */
export interface SamplerUser {
  /** Rotates now, because other code in the thread has disturbed the sampler. */
  rotate(): void;
  /** Ends all sampling: the sampler is retired. */
  end(): void;
}
