/** All samples of a profile with the same stack and labels. */
export interface StackSample {
  /** Function names, the running function first. */
  readonly functions: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Number of samples with this stack and these labels. */
  readonly hits: number;
  /** CPU time of the stack according to the profiler, in nanoseconds. */
  readonly cpuNanos: number;
}

/** A profiler with labels, rulescope or a peer, for the benchmarks and the conformance suite. */
export interface Subject {
  readonly name: string;
  /**
   * Starts labeling, and sampling every `intervalMicros`. Call it once per process.
   * @param windowMillis Length of a profile, in whole seconds. Default: the profiler's own.
   */
  start(intervalMicros: number, windowMillis?: number): Promise<void>;
  /**
   * Calls `fn` and labels its work `rule` = `id`. This includes asynchronous work as far as the
   * profiler can follow it.
   */
  withRule<R>(id: string, fn: () => R): R;
  /** Removes a label that was left on by mistake, so that the mistake counts once. */
  reset?(): void;
  /** Stops sampling. @returns all samples since `start`. */
  stop(): Promise<StackSample[]>;
}
