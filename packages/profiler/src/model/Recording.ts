import type { CallNode } from './CallNode';

/** Data that the sampler recorded between two borders of windows. */
export interface Recording {
  /** Root of the call tree. */
  readonly root: CallNode;
  /** Number of samples in the buffer when the recording was closed. */
  readonly samplesTaken: number;
  /** Whether the buffer was full. Later samples are then lost. */
  readonly overflowed: boolean;
  /**
   * CPU time of all threads of the process that run no sampled JavaScript, nanoseconds. `undefined`
   * in a worker.
   */
  readonly otherThreadsCpuNanos: number | undefined;
  /** Whether samples are independent of the work: see `@rulescope/fair-sampling`. */
  readonly fair: boolean;
  /** Whether V8 stopped delivering samples. The recording is then empty or partial. */
  readonly stuck: boolean;
}
