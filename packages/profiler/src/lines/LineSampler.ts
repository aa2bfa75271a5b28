/** A function at its place in the tree of calls, as V8's inspector says it. Lines and columns of `callFrame` count from 0. */
export interface InspectorNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount?: number;
  /** Ids. */
  readonly children?: number[];
  /** Samples in which the function was running, by line; lines count from 1, and one may come several times. */
  readonly positionTicks?: { readonly line: number; readonly ticks: number }[];
}

/** A recording of V8's inspector. Times are microseconds of a clock of its own. */
export interface InspectorProfile {
  /** The root is the first. */
  readonly nodes: readonly InspectorNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Of each sample in order, the id of the function that was running. */
  readonly samples?: readonly number[];
  /** Of each sample, the time since the one before it. */
  readonly timeDeltas?: readonly number[];
}

/** Samples the lines of the thread it is called on. */
export interface LineSampler {
  /** @throws SamplerUnavailableError where there is no inspector. */
  start(intervalMicros: number): void;
  /** Ends what was started. */
  stop(): InspectorProfile;
}
