import type { CallNode } from './CallNode';

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
  /** Whether samples are independent of the work, see `@rulescope/fair-sampling`. */
  readonly fair: boolean;
  /** V8 stopped delivering samples; the recording is empty or partial. */
  readonly stuck: boolean;
}
