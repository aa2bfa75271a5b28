import { isMainThread } from 'node:worker_threads';
import type { Profile } from '#pprof-format';
import { sharedHeapProfiler } from '../heap/openHeap';
import type { HeapNode } from '../model/HeapNode';
import type { ColumnNumbers } from '../native/loadNative';
import { loadNativeHeap } from '../native/loadNativeHeap';
import { perThread, slotKey } from '../slot/threadSlot';
import { CALLBACK_MODE, DatadogHeap, type GenerateLabels } from './DatadogHeap';

type HeapFunction = 'start' | 'stop' | 'profile' | 'profileV2' | 'v8Profile' | 'monitorOutOfMemory';

/** The functions of `heap` of `@datadog/pprof`. */
export interface Heap extends Pick<DatadogHeap, HeapFunction> {
  convertProfile(
    rootNode: HeapNode,
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
  ): Profile;
  readonly CallbackMode: typeof CALLBACK_MODE;
}

/**
 * Replaces `heap` of `@datadog/pprof`. It has the same names, options, results and errors, but is
 * one of any number of readers of the heap, see `openHeap`. Differences:
 *
 * - If there are earlier readers, it gets their interval and stack depth. The profile's `period`
 *   states the interval. `start` with allocations throws if the earlier readers sample without
 *   them.
 * - With allocations, a profile has all memory in use, not only what was allocated since the last
 *   profile.
 * - Scripts have the path of their file as their name, where the original leaves a module's URL
 *   encoded.
 * - An interval of 0 throws. The original aborts the process.
 * - `start` throws if other code samples the heap, because starting would disturb it.
 */
export const heap = heapOf('heap');

/**
 * Creates a `heap` of its own for each `owner`, one per thread. What is started through it is
 * independent of other owners.
 */
export function heapOf(owner: string): Heap {
  const key = slotKey<DatadogHeap>(`datadog.${owner}`, 1);
  const instance = (): DatadogHeap =>
    perThread(
      key,
      () => new DatadogHeap({ heap: sharedHeapProfiler, native: loadNativeHeap, isMainThread }),
    );
  return {
    start: (...args) => instance().start(...args),
    stop: () => instance().stop(),
    profile: (...args) => instance().profile(...args),
    profileV2: (...args) => instance().profileV2(...args),
    convertProfile: (...args) => instance().convertProfile(...args),
    v8Profile: () => instance().v8Profile(),
    monitorOutOfMemory: (...args) => instance().monitorOutOfMemory(...args),
    CallbackMode: CALLBACK_MODE,
  };
}
