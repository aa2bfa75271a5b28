import { isMainThread } from 'node:worker_threads';
import type { Profile } from 'pprof-format';
import type { HeapNode } from '../heap/HeapNode';
import { sharedHeap } from '../heap/shared';
import { loadNativeHeap } from '../sampler/native';
import { perThread } from '../threadState';
import { CALLBACK_MODE, type ColumnNumbers, DropInHeap, type GenerateLabels } from './DropInHeap';

function own(): DropInHeap {
  return perThread(
    'dropin.heap',
    () => new DropInHeap({ heap: sharedHeap, native: loadNativeHeap, isMainThread }),
  );
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
export const heap = {
  start: (...args: Parameters<DropInHeap['start']>): void => own().start(...args),
  stop: (): void => own().stop(),
  profile: (...args: Parameters<DropInHeap['profile']>): Profile => own().profile(...args),
  profileV2: (...args: Parameters<DropInHeap['profileV2']>): Profile => own().profileV2(...args),
  convertProfile: (
    rootNode: HeapNode,
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
  ): Profile =>
    own().convertProfile(rootNode, ignoreSamplePath, sourceMapper, generateLabels, columnNumbers),
  v8Profile: (): HeapNode => own().v8Profile(),
  monitorOutOfMemory: (...args: Parameters<DropInHeap['monitorOutOfMemory']>): void =>
    own().monitorOutOfMemory(...args),
  CallbackMode: CALLBACK_MODE,
};
