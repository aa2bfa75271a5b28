/** A node of the call tree, as the native part of `@datadog/pprof` returns it. */
export interface NativeNode {
  readonly children: readonly NativeNode[];
  /** rulescope replaces the bigints by numbers. Both count microseconds. */
  readonly contexts?: readonly { readonly timestamp: bigint | number }[];
}

/** A call in which the native sampler closed a window and started the next. */
export interface Closing {
  /** Start of the call, a value of `performance.now()`. */
  readonly at: number;
  /** Duration of the call, in milliseconds. */
  readonly nativeMillis: number;
  readonly root: NativeNode;
}

/** The class of the native sampler. Each profiler has its own copy. */
export interface NativeSampler {
  readonly prototype: { stop(restart: boolean): { readonly topDownRoot: NativeNode } };
}

/** Calls `onClosing` each time a sampler of this class closes a window. */
export function watchClosings(
  { prototype }: NativeSampler,
  onClosing: (closing: Closing) => void,
): void {
  const { stop } = prototype;
  prototype.stop = function (restart) {
    const at = performance.now();
    const recording = stop.call(this, restart);
    if (restart) {
      onClosing({ at, nativeMillis: performance.now() - at, root: recording.topDownRoot });
    }
    return recording;
  };
}

/** Size of a recording, and the times of its samples in microseconds since the epoch. */
export interface RecordingFacts {
  readonly nodes: number;
  readonly samples: number;
  /** Time of the first sample; `undefined` without samples. */
  readonly firstMicros: number | undefined;
  /** Time of the last sample; `undefined` without samples. */
  readonly lastMicros: number | undefined;
}

/** Counts the nodes and samples below `root`. */
export function factsOf(root: NativeNode): RecordingFacts {
  let [nodes, samples] = [0, 0];
  let firstMicros: number | undefined;
  let lastMicros: number | undefined;
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes++;
    for (const { timestamp } of node.contexts ?? []) {
      samples++;
      const micros = Number(timestamp);
      firstMicros = Math.min(firstMicros ?? micros, micros);
      lastMicros = Math.max(lastMicros ?? micros, micros);
    }
    pending.push(...node.children);
  }
  return { nodes, samples, firstMicros, lastMicros };
}
