import type { LabelCell } from '../labels/LabelCell';
import type { CallNode } from '../window/CallNode';
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

/** What the sampler recorded between two borders. */
export interface Recording {
  /** Root of the call tree. */
  readonly root: CallNode;
  /** Samples in the buffer when it was closed. */
  readonly samplesTaken: number;
  /** Whether the buffer was full, so that later samples were lost. */
  readonly overflowed: boolean;
  /**
   * CPU of all threads of the process that run no sampled JavaScript, nanoseconds.
   * Main thread only: `undefined` in a worker.
   */
  readonly otherThreadsCpuNanos: number | undefined;
  /** Whether samples are independent of the work, see {@link Fairness}. */
  readonly fair: boolean;
  /** V8 stopped delivering samples; the recording is empty or partial. */
  readonly stuck: boolean;
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

/** See {@link LabelSink.holderCounts}. */
export interface HolderCounts {
  readonly used: number;
  readonly total: number;
}

/** The sampler's hooks for the one who tells it which labels are current. */
export interface LabelSink {
  /** Whether the runtime itself carries labels over asynchronous work (AsyncContextFrame). */
  readonly carriesLabels: boolean;
  /**
   * Makes the object that, while it is the value of `storage` in the running flow, labels each
   * sample with `cell`. Only where {@link carriesLabels}.
   */
  createHolder(cell: LabelCell): object;
  /** Labels the samples from now on with `cell`. Only where not {@link carriesLabels}. */
  setCell(cell: LabelCell): void;
  /** Count of samples in the current recording. */
  sampleCount(): number;
  /** Count of samples in all recordings so far: never falls. */
  totalSampleCount(): number;
  /** Holders that are in use, and all that the native side has not freed yet. */
  holderCounts(): HolderCounts;
}
