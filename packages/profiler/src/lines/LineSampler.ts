/**
 * A function at its place in the call tree, as V8's inspector reports it. Lines and columns of
 * `callFrame` count from 0.
 */
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
  /** Ids of the functions that it called. */
  readonly children?: number[];
  /**
   * Samples in which the function was running, by line. Lines count from 1, and a line can occur
   * several times.
   */
  readonly positionTicks?: { readonly line: number; readonly ticks: number }[];
}

/** A recording of V8's inspector. Times are in microseconds of the inspector's own clock. */
export interface InspectorProfile {
  /** All functions; the first is the root. */
  readonly nodes: readonly InspectorNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** The id of the running function in each sample, in order. */
  readonly samples?: readonly number[];
  /** The time between each sample and the one before it. */
  readonly timeDeltas?: readonly number[];
}

/** Samples the lines of the thread that calls it. */
export interface LineSampler {
  /**
   * Starts sampling.
   * @param onDeaf Called when it gets no more signals until it is stopped and started again.
   * @throws SamplerUnavailableError if Node.js has no inspector.
   */
  start(intervalMicros: number, onDeaf: () => void): void;
  /**
   * Returns the recording so far and continues in a new one. No sample is lost in between. A sample
   * that is taken during the cut can be in both. If it throws, sampling has stopped.
   */
  cut(): InspectorProfile;
  /** Stops sampling and returns the recording. */
  stop(): InspectorProfile;
}
