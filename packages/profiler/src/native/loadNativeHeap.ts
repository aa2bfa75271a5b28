import type { Profile } from '#pprof-format';
import { SamplerUnavailableError } from '../base/errors';
import type { HeapNode, LiveNode } from '../model/HeapNode';
import { loadNative } from './loadNative';
import { requirePprof } from './requirePprof';

/** V8's sampling heap profiler, which exists once per isolate, and the serializer for its tree. */
export interface NativeHeap {
  /**
   * Starts sampling. Does nothing if sampling is already on, regardless of which code started it.
   * Aborts the process if the interval is 0.
   */
  startSamplingHeapProfiler(intervalBytes: number, stackDepth: number, allocations: boolean): void;
  /** Stops sampling, regardless of which code started it. */
  stopSamplingHeapProfiler(): void;
  /** Returns the tree of call stacks. Throws if sampling is off. */
  getAllocationProfile(): HeapNode;
  /**
   * Calls `callback` with the same tree. Its nodes live only while `callback` runs. Throws if
   * sampling is on with allocations.
   */
  mapAllocationProfile<T>(callback: (root: HeapNode) => T): T;
  monitorOutOfMemory(...options: unknown[]): void;
  serializeHeapProfile(
    root: HeapNode,
    startTimeNanos: number,
    intervalBytes: number,
    ignoreSamplePath: string | undefined,
    sourceMapper: object | undefined,
    generateLabels: ((sample: { node: LiveNode }) => Record<string, string | number>) | undefined,
    allocations: boolean,
    columnNumbers: string | undefined,
  ): Profile;
}

const HEAP_FUNCTIONS = [
  'startSamplingHeapProfiler',
  'stopSamplingHeapProfiler',
  'getAllocationProfile',
  'mapAllocationProfile',
  'monitorOutOfMemory',
  'serializeHeapProfile',
] as const satisfies readonly (keyof NativeHeap)[];

/**
 * Loads the native heap profiler.
 *
 * @throws {SamplerUnavailableError} as {@link loadNative} does.
 */
export function loadNativeHeap(): NativeHeap {
  // The heap profiler is in the same native file, so `loadNative` throws if that file does not
  // load.
  const modules: Partial<NativeHeap> = { ...(loadNative() as object) };
  Object.assign(modules, requirePprof('heap-profiler-bindings'));
  const missing = HEAP_FUNCTIONS.find((name) => typeof modules[name] !== 'function');
  if (missing !== undefined) {
    throw new SamplerUnavailableError(
      `this copy of @datadog/pprof lacks ${missing}: ` +
        'rulescope needs exactly the version in its package.json; look for an override in yours',
    );
  }
  return modules as NativeHeap;
}
