import type { LabelSet } from './LabelSet';

/** One sample, as recorded at its leaf function. */
export interface SampleRecord {
  /**
   * Labels current when the sample was taken. Absent when no flow carried any, or the thread was
   * idle.
   */
  readonly context?: { readonly labels: LabelSet | undefined } | undefined;
  /** When it was taken, microseconds since the epoch. */
  readonly timestamp: number;
  /**
   * CPU the thread used since the sample before it, nanoseconds, whoever used it. Absent on
   * `(program)`, whose time is added to the next sample's.
   */
  readonly cpuTime?: number;
}

/**
 * A function in the tree of calls, as V8 records it. Beside functions, V8 puts `(root)`,
 * `(program)` (native code), `(idle)` and `(garbage collector)` here.
 */
export interface CallNode {
  readonly name?: string;
  readonly scriptName: string;
  readonly scriptId?: number;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
  /** Samples with this function at the top of the stack. */
  readonly hitCount: number;
  /** The same samples one by one, with their labels. */
  readonly contexts?: readonly SampleRecord[];
  readonly children: readonly CallNode[];
}
