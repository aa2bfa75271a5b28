/** One stack of a profile, summed. */
export interface StackSample {
  /** Function names, the running function first. */
  readonly functions: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Samples that found this stack with these labels. */
  readonly hits: number;
  /** What the profiler itself states as the CPU time of the stack, nanoseconds. */
  readonly cpuNanos: number;
}

/** A profiler with labels, as the benchmarks and the conformance suite drive it: rulescope or one of its peers. */
export interface Subject {
  readonly name: string;
  /**
   * Starts sampling every `intervalMicros` and labeling. Once per process.
   * @param windowMillis From profile to profile, whole seconds. Default: the subject's own.
   */
  start(intervalMicros: number, windowMillis?: number): Promise<void>;
  /** Calls `fn` so that what it does, asynchronous work included as far as the subject can, is labeled `rule` = `id`. */
  withRule<R>(id: string, fn: () => R): R;
  /** Forgets a label that was left on by mistake, so that it is counted once. */
  reset?(): void;
  /** Stops sampling. @returns everything sampled since `start`. */
  stop(): Promise<StackSample[]>;
}
