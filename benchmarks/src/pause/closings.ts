/** As the native side of `@datadog/pprof` returns it. */
export interface NativeNode {
  readonly children: readonly NativeNode[];
  readonly contexts?: readonly { readonly timestamp: bigint }[];
}

/** The native sampler has closed a window and gone on with the next. */
export interface Closing {
  /** When it was asked to, in `performance.now()`. */
  readonly at: number;
  /** Time it took, milliseconds. */
  readonly nativeMillis: number;
  readonly root: NativeNode;
}

/** The class of the native sampler, which all profilers here have a copy of. */
export interface NativeSampler {
  readonly prototype: { stop(restart: boolean): { readonly topDownRoot: NativeNode } };
}

/** Calls `onClosing` whenever a sampler of that class closes a window. */
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

/** What is in a recording. */
export interface RecordingFacts {
  readonly nodes: number;
  readonly samples: number;
  /** Of the first and the last sample, microseconds since the epoch. `undefined` without any. */
  readonly first: bigint | undefined;
  readonly last: bigint | undefined;
}

export function factsOf(root: NativeNode): RecordingFacts {
  let [nodes, samples] = [0, 0];
  let first: bigint | undefined;
  let last: bigint | undefined;
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes++;
    for (const { timestamp } of node.contexts ?? []) {
      samples++;
      if (first === undefined || timestamp < first) first = timestamp;
      if (last === undefined || timestamp > last) last = timestamp;
    }
    pending.push(...node.children);
  }
  return { nodes, samples, first, last };
}
