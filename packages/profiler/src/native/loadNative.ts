/**
 * Loads `@datadog/pprof`, which only this folder touches. It uses modules below the package's
 * public `time`, for three reasons. `time` makes each of them impossible.
 *
 * - One `AsyncLocalStorage` of ours carries labels *and* the user's value, so that entering a
 *   labeled flow costs one storage, not two. `time.start` creates a storage of its own at every
 *   start.
 * - Holders can be created before sampling starts, so that a running flow is labeled from the first
 *   sample.
 * - The call tree contains `(program)` and `(idle)`. The serialized profile drops them, but the CPU
 *   of a window cannot be divided without them.
 *
 * These modules are not public API. The dependency is pinned to one version, and the shape of the
 * modules is checked at load.
 */
import type { Profile } from '#pprof-format';
import { SamplerUnavailableError } from '../base/errors';
import type { CallNode, SampleRecord } from '../model/CallNode';
import type { LabelCell } from '../model/LabelSet';
import { loadFailure } from './loadFailure';
import { requirePprof } from './requirePprof';
import { type SampleContext, sampleContextReader } from './sampleContext';

/** Function in the call tree, as the native add-on returns it. */
export interface NativeCallNode extends Omit<CallNode, 'contexts' | 'children'> {
  readonly contexts?: readonly (Omit<SampleRecord, 'timestamp' | 'context'> & {
    readonly context?: SampleContext | undefined;
    readonly timestamp: bigint;
  })[];
  readonly children: readonly NativeCallNode[];
}

export interface NativeRecording {
  readonly topDownRoot: NativeCallNode;
  readonly nonJSThreadsCpuTime?: number;
}

/** Sample in the call tree, as the serializer expects it. All keys exist, without a value too. */
export interface TimeProfileNodeContext extends Omit<SampleRecord, 'context' | 'timestamp'> {
  /** Microseconds since the epoch. */
  readonly timestamp: bigint;
  /** The object that the user of `time` has set. */
  readonly context?: object;
}

/**
 * Function in the call tree, as the serializer expects it. The arrays are mutable, so that it fits
 * the type of the package.
 */
export interface TimeProfileNode extends Omit<CallNode, 'contexts' | 'children'> {
  readonly contexts: TimeProfileNodeContext[];
  readonly children: TimeProfileNode[];
}

/** Recording, as the serializer expects it. Times are in microseconds. */
export interface NativeTimeProfile {
  readonly topDownRoot: TimeProfileNode;
  readonly startTime: number;
  readonly endTime: number;
  readonly hasCpuTime: boolean;
  readonly nonJSThreadsCpuTime: number;
  /**
   * Number of samples expected from start to end. The serializer computes the mean interval from
   * it.
   */
  readonly totalHitCount?: number;
}

/** Native time profiler of the package. */
export interface NativeProfiler {
  context: LabelCell | undefined;
  readonly state: Uint32Array;
  start(): void;
  stop(restart: boolean): NativeRecording;
  createContextHolder(context: SampleContext): object;
  v8ProfilerStuckEventLoopDetected(): number;
  /**
   * Numbers of holders: the holders that are in use, and all holders that the native side has not
   * freed yet.
   */
  readonly metrics: {
    readonly usedAsyncContextCount: number;
    readonly totalAsyncContextCount: number;
  };
  /**
   * Frees the profiler and the labels of all holders that it created. Any later use of the profiler
   * ends the process. Throws while the profiler runs.
   */
  dispose(): void;
}

/** Argument of {@link GenerateLabels}. */
export interface GenerateTimeLabelsArgs {
  readonly node: TimeProfileNode;
  /** Absent for the samples of `node` that have no context. */
  readonly context?: TimeProfileNodeContext;
}

/** Callback `generateLabels` of the package: returns the labels of a sample. */
export type GenerateLabels = (sample: GenerateTimeLabelsArgs) => Record<string, string | number>;

/** The package's `SourceMapper`, or an object with the same method. */
export interface SourceMapper {
  mappingInfo(location: object): object;
}

/** How the package writes column numbers into a profile. */
export type ColumnNumbers = 'drop' | 'pack' | 'emit';

/** Parts of the package's internal modules that this library uses. */
export interface Native {
  readonly TimeProfiler: new (options: Record<string, unknown>) => NativeProfiler;
  readonly constants: { readonly kSampleCount: number };
  /** Builds the profile that `time.stop` returns. */
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
 * Loads the internal modules of the package.
 *
 * @throws {SamplerUnavailableError} if they cannot be loaded or do not have the expected shape.
 */
export function loadNative(): Native {
  const modules: Partial<Native> = {};
  try {
    // Loaded late, so that importing this package never throws.
    Object.assign(modules, requirePprof('time-profiler-bindings'));
    Object.assign(modules, requirePprof('profile-serializer'));
    Object.assign(modules, requirePprof('async-context-frame'));
  } catch (thrown) {
    throw loadFailure(thrown);
  }
  const expected = ['TimeProfiler', 'serializeTimeProfile', 'isAsyncContextFrameActive'] as const;
  const missing = expected.filter((name) => typeof modules[name] !== 'function');
  if (missing.length > 0 || typeof modules.constants?.kSampleCount !== 'number') {
    throw new SamplerUnavailableError(
      `this copy of @datadog/pprof lacks ${[...missing, 'constants.kSampleCount'][0]}: ` +
        'rulescope needs exactly the version in its package.json; look for an override in yours',
    );
  }
  // A realm that samples this thread may have replaced the class by a guard.
  const { TimeProfiler } = modules as Native;
  const { constructor } = TimeProfiler.prototype as { constructor: Native['TimeProfiler'] };
  return { ...(modules as Native), TimeProfiler: constructor };
}

/**
 * Public exports of the package. The objects exist once per copy of the package, and their
 * functions can be replaced.
 */
export interface PublicApi {
  readonly time: Record<string, unknown>;
  readonly heap: Record<string, unknown>;
}

/**
 * Loads the public exports of our copy of the package.
 *
 * @throws the error of `require` if the package does not load.
 */
export function loadPublicApi(): PublicApi {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, like all of it
  return require('@datadog/pprof') as PublicApi;
}

interface Changeable {
  timestamp: bigint | number;
  context?: SampleContext | undefined;
}

/**
 * Converts a tree to plain data: timestamps from BigInt to numbers, because JSON has no BigInt, and
 * contexts to labels. Changes the tree in place: a copy would take longer than all other work of
 * closing a window.
 */
export function toCallTree(root: NativeCallNode): CallNode {
  const cellOf = sampleContextReader();
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const record of (node.contexts ?? []) as Changeable[]) {
      record.timestamp = Number(record.timestamp);
      if (record.context !== undefined) record.context = cellOf(record.context);
    }
    for (const child of node.children) pending.push(child);
  }
  return root as unknown as CallNode;
}
