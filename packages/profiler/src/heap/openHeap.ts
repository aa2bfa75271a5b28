import { toError } from '../base/errors';
import { timers } from '../base/timers';
import { systemClock } from '../collector/Clock';
import { loadNativeHeap } from '../native/loadNativeHeap';
import { perThread, slotKey } from '../slot/threadSlot';
import { windowOrigin } from '../thread/sharedCollector';
import { type HeapTreeReader, HeapProfiler } from './HeapProfiler';
import type { HeapReader, HeapSupport } from './HeapReader';
import { allocatedBytes } from './HeapSampling';
import { heapProfile } from './heapProfile';
import { type HeapOptions, resolveHeapOptions } from './options';

/** V8 finds the functions of a stack by their frames, and an inlined function has none. */
const INLINED =
  'inlined functions count as their caller; ' +
  'node --max-inlined-bytecode-size=0 keeps them apart, and is slower';

const HEAP = slotKey<HeapProfiler>('heap', 1);

/**
 * Returns the heap profiler of this thread.
 * @throws SamplerUnavailableError if the native library does not load.
 *
 * @internal Keeps types of `native/` out of the declarations of this subpath.
 */
export function sharedHeapProfiler(): HeapProfiler {
  return perThread(
    HEAP,
    () => new HeapProfiler({ native: loadNativeHeap(), clock: systemClock, allocatedBytes }),
  );
}

/**
 * Opens a reader of this thread's heap. V8 samples allocations from the opening of the first reader
 * to the closing of the last one.
 *
 * All readers share one sampler, and the first reader determines its interval and stack depth. A
 * later reader gets the same ones, and its profiles state the interval. It also sees objects that
 * are in use since before it was opened.
 *
 * @throws InvalidOptionError if an option is unknown or out of range.
 * @throws SamplerUnavailableError if other code samples the heap of this thread. With `allocations`
 *   also if the runtime cannot sample allocations, or if earlier readers sample without them.
 */
export function openHeap(options: HeapOptions = {}): HeapReader {
  const wanted = resolveHeapOptions(options);
  const native = loadNativeHeap();
  const reader = sharedHeapProfiler().open(wanted);
  const { intervalBytes } = reader.sampling.options;
  const openedMillis = timers.epochMillis();
  return {
    intervalBytes,
    allocations: reader.allocations,
    profile() {
      const readerComments = commentsOn(reader, wanted, openedMillis);
      const tree = reader.read();
      const { program, comments } = windowOrigin();
      return heapProfile(native, tree, {
        epochMillis: timers.epochMillis(),
        intervalBytes,
        allocations: reader.allocations,
        externalBytes: process.memoryUsage().external,
        program,
        comments: [...comments, ...readerComments],
      });
    },
    close: () => reader.close(),
    [Symbol.dispose]: () => reader.close(),
  };
}

function commentsOn(
  { sampling, allocations }: HeapTreeReader,
  wanted: HeapOptions,
  openedMillis: number,
) {
  const { intervalBytes } = sampling.options;
  const time = (epochMillis: number): string => new Date(epochMillis).toISOString();
  const readerComments = [`in use: objects allocated since ${time(sampling.inuseSince)}`];
  if (allocations) readerComments.push(`allocated: since ${time(openedMillis)}`);
  if (intervalBytes !== wanted.intervalBytes) {
    readerComments.push(
      `interval: set by an earlier reader; this reader asked for ${wanted.intervalBytes} bytes`,
    );
  }
  return [...readerComments, INLINED];
}

/** Returns whether the heap of this thread can be sampled now, and whether with allocations. */
export function heapSupport(): HeapSupport {
  try {
    return sharedHeapProfiler().support();
  } catch (thrown) {
    return { supported: false, allocations: false, reason: toError(thrown).message };
  }
}
