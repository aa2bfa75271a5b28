import type { SampleLabels } from './LabelSet';

/** One sample, stored at the function on top of its stack. */
export interface SampleRecord {
  /**
   * Labels that were current when the sample was taken. Absent if there were no labels or the
   * thread was idle.
   */
  readonly context?: SampleLabels | undefined;
  /** Time of the sample, microseconds since the epoch. */
  readonly timestamp: number;
  /**
   * CPU time of the thread since the previous sample, nanoseconds, regardless of which code used
   * it. Absent on `(program)`: that CPU time is added to the next sample.
   */
  readonly cpuTime?: number;
  /**
   * Async id that was executing, if a user of the drop-in `time` asked for it. -1 outside
   * JavaScript.
   */
  readonly asyncId?: number;
}

/**
 * Function in the call tree that V8 records. Besides functions, the tree contains V8's own nodes:
 * `(root)`, `(program)` (native code), `(idle)` and `(garbage collector)`.
 */
export interface CallNode {
  readonly name?: string;
  readonly scriptName: string;
  readonly scriptId?: number;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
  /** Number of samples with this function on top of the stack. */
  readonly hitCount: number;
  /** Records of these samples, with their labels. There can be fewer records than `hitCount`. */
  readonly contexts?: readonly SampleRecord[];
  readonly children: readonly CallNode[];
}
