import type { Profile } from 'pprof-format';
import { SamplerUnavailableError } from '../base/errors';
import type { HeapNode, LiveNode } from '../model/HeapNode';
import { loadNative } from './loadNative';

/**
 * V8's sampling heap profiler, of which an isolate has one, and what makes a profile of its tree.
 */
export interface NativeHeap {
  /**
   * Says nothing when sampling was on before, whoever began it. Aborts the process at an interval
   * of 0.
   */
  startSamplingHeapProfiler(intervalBytes: number, stackDepth: number, allocations: boolean): void;
  /** Stops it, whoever began it. */
  stopSamplingHeapProfiler(): void;
  /** Throws when sampling is off. */
  getAllocationProfile(): HeapNode;
  /** The same, of nodes that live as long as the callback runs; not with allocations. */
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

/** Loads it. @throws SamplerUnavailableError as {@link loadNative} does. */
export function loadNativeHeap(): NativeHeap {
  // It is in the same native file, so this says if that does not load.
  const modules: Partial<NativeHeap> = { ...(loadNative() as object) };
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, like the rest
  Object.assign(modules, require('@datadog/pprof/out/src/heap-profiler-bindings'));
  const missing = HEAP_FUNCTIONS.find((name) => typeof modules[name] !== 'function');
  if (missing !== undefined) {
    throw new SamplerUnavailableError(
      `this copy of @datadog/pprof lacks ${missing}: rulescope needs exactly the version in its package.json`,
    );
  }
  return modules as NativeHeap;
}
