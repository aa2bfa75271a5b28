import { isMainThread } from 'node:worker_threads';
import type { Profile } from 'pprof-format';
import type { HeapNode } from '../model/HeapNode';
import { sharedHeap } from '../heap/openHeap';
import { type ColumnNumbers, loadNativeHeap } from '../native/loadNative';
import { perThread } from '../slot/threadSlot';
import { CALLBACK_MODE, DatadogHeap, type GenerateLabels } from './DatadogHeap';

type Same = 'start' | 'stop' | 'profile' | 'profileV2' | 'v8Profile' | 'monitorOutOfMemory';

/** What `heap` of `@datadog/pprof` has. */
export interface Heap extends Pick<DatadogHeap, Same> {
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
 * `heap` of `@datadog/pprof`: the same names, options, results and errors, but as one reader of the heap among others, see
 * `openHeap`. What differs:
 *
 * - beside earlier readers it gets their interval and depth, which the profile's `period` states, and
 *   `start` with allocations throws when theirs are without;
 * - with allocations, a profile has all that is in use, not only what was allocated since the last one;
 * - an interval of 0 throws where the original ends the process;
 * - `start` throws when somebody else samples the heap, who would be disturbed.
 */
export const heap = heapOf('heap');

/** A `heap` of its own: what its users start is theirs. One per thread for each `owner`. */
export function heapOf(owner: string): Heap {
  const own = (): DatadogHeap =>
    perThread(
      `dropin.${owner}`,
      () => new DatadogHeap({ heap: sharedHeap, native: loadNativeHeap, isMainThread }),
    );
  return {
    start: (...args) => own().start(...args),
    stop: () => own().stop(),
    profile: (...args) => own().profile(...args),
    profileV2: (...args) => own().profileV2(...args),
    convertProfile: (...args) => own().convertProfile(...args),
    v8Profile: () => own().v8Profile(),
    monitorOutOfMemory: (...args) => own().monitorOutOfMemory(...args),
    CallbackMode: CALLBACK_MODE,
  };
}
