import type { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import { keep, release } from '../slot/realms';
import type { Native, NativeProfiler } from './loadNative';

/** Options for which a native profiler is created. */
interface ProfilerOptions {
  readonly samplingIntervalMicros: number;
  readonly bufferMillis: number;
  /** Whether each sample has the async id that was executing. Default false. */
  readonly asyncIds?: boolean;
}

/** Native profilers of a sampler: one for each combination of options that was ever used. */
export class NativeProfilers {
  private readonly profilers = new Map<string, NativeProfiler>();
  private freed = false;

  /**
   * @param storage Storage that carries the labels, if the runtime has AsyncContextFrame.
   *   `undefined` if the labels are set explicitly.
   */
  constructor(
    private readonly TimeProfiler: Native['TimeProfiler'],
    private readonly storage: AsyncLocalStorage<unknown> | undefined,
  ) {}

  /**
   * Returns the native profiler for `options`. Creates it on first use.
   *
   * @throws {Error} after {@link free}.
   */
  get(options: ProfilerOptions): NativeProfiler {
    if (this.freed) throwAtEnd();
    const key = keyOf(options);
    let profiler = this.profilers.get(key);
    if (profiler === undefined) {
      profiler = new this.TimeProfiler({
        durationMillis: options.bufferMillis,
        intervalMicros: options.samplingIntervalMicros,
        lineNumbers: false,
        withContexts: true,
        // The workaround waits for two signals per window and would block the event loop for 14-22
        // ms. The sampler detects a stuck V8 instead.
        workaroundV8Bug: false,
        collectCpuTime: true,
        collectAsyncId: options.asyncIds === true,
        useCPED: this.storage !== undefined,
        CPEDKey: this.storage,
        isMainThread,
      });
      this.profilers.set(key, profiler);
      // The destructor of a profiler frees the labels of all its holders, which flows may still
      // carry. So no profiler may be garbage-collected before its realm and the last holder.
      keep(profiler);
      release((kept) => (kept as NativeProfiler).metrics.totalAsyncContextCount === 0);
    }
    return profiler;
  }

  /** Frees all native profilers at the end of their thread. They must not be used afterwards. */
  free(): void {
    this.freed = true;
    for (const profiler of this.profilers.values()) {
      try {
        profiler.dispose();
      } catch {
        // The profiler is still running. The teardown of the environment frees running profilers.
      }
    }
    this.profilers.clear();
  }
}

/** Returns the capacity of the native buffer in samples: twice what the duration needs. */
export function bufferCapacity({ bufferMillis, samplingIntervalMicros }: ProfilerOptions): number {
  return Math.floor((bufferMillis * 1000 * 2) / samplingIntervalMicros);
}

/** Returns a key that is equal for options that the same native profiler serves. */
export function keyOf(options: ProfilerOptions): string {
  const { samplingIntervalMicros, bufferMillis, asyncIds = false } = options;
  return `${samplingIntervalMicros}/${bufferMillis}/${asyncIds}`;
}

/**
 * Stands for a native profiler before the first one is needed, and after the thread has freed them.
 * Accepts labels and discards them.
 */
export const noProfiler: NativeProfiler = {
  context: undefined,
  state: new Uint32Array(),
  metrics: { usedAsyncContextCount: 0, totalAsyncContextCount: 0 },
  start: throwAtEnd,
  stop: throwAtEnd,
  createContextHolder: () => ({}),
  v8ProfilerStuckEventLoopDetected: () => 0,
  dispose: () => undefined,
};

/** Throws because the thread is ending. */
function throwAtEnd(): never {
  throw new Error('the thread is ending');
}
