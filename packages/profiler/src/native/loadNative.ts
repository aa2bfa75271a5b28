/**
 * The only file that touches `@datadog/pprof`. It goes below the package's public `time` for three
 * reasons, each of which `time` makes impossible:
 *
 * - one `AsyncLocalStorage` of ours for labels *and* the user's value, so that entering a labelled
 *   flow costs one storage, not two (`time.start` makes a storage of its own at every start);
 * - holders made before sampling starts, so that a flow that is under way has its label from the
 *   first sample;
 * - the call tree with `(program)` and `(idle)` in it, which the serialised profile drops: without
 *   them the CPU of a window cannot be divided.
 *
 * These modules are not public API. The dependency is pinned to one version and their shape is
 * checked at load.
 */
import type { LabelCell } from '../model/LabelSet';
import type { Profile } from 'pprof-format';
import { SamplerUnavailableError, toError } from '../base/errors';
import type { CallNode, SampleRecord } from '../model/CallNode';

/** A function in the tree of calls, as the add-on makes it. */
export interface NativeCallNode extends Omit<CallNode, 'contexts' | 'children'> {
  readonly contexts?: readonly (Omit<SampleRecord, 'timestamp'> & {
    readonly timestamp: bigint;
  })[];
  readonly children: readonly NativeCallNode[];
}

interface NativeRecording {
  readonly topDownRoot: NativeCallNode;
  readonly nonJSThreadsCpuTime?: number;
}

/** A function as the serialiser wants it: its samples have whatever the user of `time` has set. */
export interface TimeProfileNode extends Omit<CallNode, 'contexts' | 'children'> {
  readonly contexts: readonly (Omit<SampleRecord, 'context' | 'timestamp'> & {
    readonly timestamp: bigint;
    readonly context?: object | undefined;
  })[];
  readonly children: readonly TimeProfileNode[];
}

/** A recording as the serialiser wants it; times in microseconds. */
export interface NativeTimeProfile {
  readonly topDownRoot: TimeProfileNode;
  readonly startTime: number;
  readonly endTime: number;
  readonly hasCpuTime: boolean;
  readonly nonJSThreadsCpuTime: number;
  /**
   * Samples that the time from start to end should have: the serialiser finds the mean interval by
   * it.
   */
  readonly totalHitCount?: number;
}

export interface NativeProfiler {
  context: LabelCell | undefined;
  readonly state: Uint32Array;
  start(): void;
  stop(restart: boolean): NativeRecording;
  createContextHolder(cell: LabelCell): object;
  v8ProfilerStuckEventLoopDetected(): number;
  /**
   * Of holders: those that are alive, and those that the garbage collector has freed and the native
   * side not yet.
   */
  readonly metrics: {
    readonly usedAsyncContextCount: number;
    readonly totalAsyncContextCount: number;
  };
  /**
   * Frees it, with the labels of all the holders it made. Whoever touches it after that ends the
   * process. Throws while it runs.
   */
  dispose(): void;
}

/** `generateLabels` of the package: the labels of a sample. */
export type GenerateLabels = (sample: {
  readonly node: TimeProfileNode;
  readonly context?: TimeProfileNode['contexts'][number];
}) => Record<string, string | number>;

/** The package's `SourceMapper`, or what does the same. */
export interface SourceMapper {
  mappingInfo(location: object): object;
}

/** How the package puts columns into a profile. */
export type ColumnNumbers = 'drop' | 'pack' | 'emit';

export interface Native {
  readonly TimeProfiler: new (options: Record<string, unknown>) => NativeProfiler;
  readonly constants: { readonly kSampleCount: number };
  /** Makes what `time.stop` returns. */
  readonly serializeTimeProfile: (
    recording: NativeTimeProfile,
    intervalMicros: number,
    sourceMapper: SourceMapper | undefined,
    recomputeInterval: boolean,
    generateLabels: GenerateLabels | undefined,
    lowCardinalityLabels: string[] | undefined,
    columnNumbers: ColumnNumbers | undefined,
  ) => Profile;
  readonly GARBAGE_COLLECTION_FUNCTION_NAME: string;
  readonly NON_JS_THREADS_FUNCTION_NAME: string;
  readonly isAsyncContextFrameActive: () => boolean;
}

/**
 * Loads them. @throws SamplerUnavailableError when they cannot be loaded or are not of the expected
 * shape.
 */
export function loadNative(): Native {
  const modules: Partial<Native> = {};
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, so that importing us never throws */
    Object.assign(modules, require('@datadog/pprof/out/src/time-profiler-bindings'));
    Object.assign(modules, require('@datadog/pprof/out/src/profile-serializer'));
    Object.assign(modules, require('@datadog/pprof/out/src/async-context-frame'));
    /* eslint-enable @typescript-eslint/no-require-imports */
  } catch (thrown) {
    throw new SamplerUnavailableError(
      `the native part of @datadog/pprof does not load on ${process.platform}-${process.arch}, ` +
        `Node ${process.versions.node} (${firstLine(toError(thrown))})`,
      { cause: thrown },
    );
  }
  const expected = ['TimeProfiler', 'serializeTimeProfile', 'isAsyncContextFrameActive'] as const;
  const missing = expected.filter((name) => typeof modules[name] !== 'function');
  if (missing.length > 0 || typeof modules.constants?.kSampleCount !== 'number') {
    throw new SamplerUnavailableError(
      `this copy of @datadog/pprof lacks ${[...missing, 'constants.kSampleCount'][0]}: ` +
        'rulescope needs exactly the version in its package.json, look for an override',
    );
  }
  return modules as Native;
}

/**
 * What the package exports to everybody. The objects are one per copy of the package, and their
 * functions can be replaced.
 */
export interface PublicApi {
  readonly time: Record<string, unknown>;
  readonly heap: Record<string, unknown>;
}

/** Loads the public side of our copy of the package. @throws what the load throws. */
export function loadPublicApi(): PublicApi {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, like all of it
  return require('@datadog/pprof') as PublicApi;
}

function firstLine(error: Error): string {
  return error.message.split('\n', 1)[0] ?? '';
}

/**
 * Replaces the BigInt timestamps of a tree, which JSON cannot have, by numbers. Changes the tree in
 * place: copying it would take longer than all else that is done when a window is closed.
 */
export function withNumbers(root: NativeCallNode): CallNode {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const record of node.contexts ?? []) {
      (record as { timestamp: bigint | number }).timestamp = Number(record.timestamp);
    }
    for (const child of node.children) pending.push(child);
  }
  return root as unknown as CallNode;
}
