import { systemClock } from '../collector/Clock';
import { toError } from '../base/errors';
import { loadNativeHeap } from '../native/loadNative';
import { ownOrigin } from '../thread/sharedCollector';
import { perThread } from '../slot/threadSlot';
import type { HeapReader, HeapSupport } from './HeapReader';
import { allocatedBytes } from './HeapSampling';
import { type HeapTap, SharedHeap } from './SharedHeap';
import { heapProfile } from './heapProfile';
import { type HeapOptions, resolveHeapOptions } from './options';

/**
 * The heap of this thread. @throws SamplerUnavailableError when the native part does not load
 *
 * @internal
 */
export function sharedHeap(): SharedHeap {
  return perThread(
    'heap',
    () => new SharedHeap({ native: loadNativeHeap(), clock: systemClock, allocatedBytes }),
  );
}

/**
 * Opens a reader of this thread's heap: V8 samples what is allocated from the first reader's opening to the last one's closing.
 *
 * There is one sampler, so whoever comes first decides how it samples: a later reader gets that interval and depth, which its
 * profiles state, and what is in use since the first one began.
 *
 * @throws InvalidOptionError; SamplerUnavailableError when somebody else samples the heap of this thread, when the runtime cannot
 *   sample allocations, or when it samples for earlier readers without.
 */
export function openHeap(options: HeapOptions = {}): HeapReader {
  const wanted = resolveHeapOptions(options);
  const native = loadNativeHeap();
  const tap = sharedHeap().open(wanted);
  const { intervalBytes } = tap.sampling.options;
  const opened = Date.now();
  return {
    intervalBytes,
    allocations: tap.allocations,
    profile() {
      const remarks = remarksOn(tap, wanted, opened);
      const tree = tap.read();
      const { program, comments } = ownOrigin();
      return heapProfile(native, tree, {
        epochMillis: Date.now(),
        intervalBytes,
        allocations: tap.allocations,
        externalBytes: process.memoryUsage().external,
        program,
        comments: [...comments, ...remarks],
      });
    },
    close: () => tap.close(),
  };
}

function remarksOn({ sampling, allocations }: HeapTap, wanted: HeapOptions, opened: number) {
  const { intervalBytes } = sampling.options;
  const time = (epochMillis: number): string => new Date(epochMillis).toISOString();
  const remarks = [`in use: of what was allocated since ${time(sampling.inuseSince)}`];
  if (allocations) remarks.push(`allocated: since ${time(opened)}`);
  if (intervalBytes !== wanted.intervalBytes) {
    remarks.push(`an earlier reader chose the interval, ${wanted.intervalBytes} were asked for`);
  }
  return remarks;
}

/** Whether the heap of this thread can be sampled now, and with allocations. */
export function heapSupport(): HeapSupport {
  try {
    return sharedHeap().support();
  } catch (thrown) {
    return { supported: false, allocations: false, reason: toError(thrown).message };
  }
}
