import type { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import { perThread, slotKey } from '../slot/threadSlot';
import type { Native, NativeProfiler } from './loadNative';

/** What a native profiler is made for. */
interface ProfilerOptions {
  readonly samplingIntervalMicros: number;
  readonly bufferMillis: number;
}

const PROFILERS = slotKey<Set<NativeProfiler>>('profilers', 1);

/** A native profiler for each combination of options that was ever used. */
export class NativeProfilers {
  private readonly profilers = new Map<string, NativeProfiler>();
  private freed = false;

  /** @param storage Carries the labels, where the runtime does; `undefined`: they are set by hand. */
  constructor(
    private readonly TimeProfiler: Native['TimeProfiler'],
    private readonly storage: AsyncLocalStorage<unknown> | undefined,
  ) {}

  /** @throws when they were freed. */
  get(options: ProfilerOptions): NativeProfiler {
    if (this.freed) refuseAtEnd();
    const key = keyOf(options);
    let profiler = this.profilers.get(key);
    if (profiler === undefined) {
      profiler = new this.TimeProfiler({
        durationMillis: options.bufferMillis,
        intervalMicros: options.samplingIntervalMicros,
        lineNumbers: false,
        withContexts: true,
        // Waiting for two signals per window would block the event loop for 14-22 ms; a stuck V8 is noticed instead.
        workaroundV8Bug: false,
        collectCpuTime: true,
        collectAsyncId: false,
        useCPED: this.storage !== undefined,
        CPEDKey: this.storage,
        isMainThread,
      });
      this.profilers.set(key, profiler);
      // The destructor frees the labels of all the holders it made, and flows may still carry those:
      // none may be collected before its thread ends.
      perThread(PROFILERS, () => new Set()).add(profiler);
    }
    return profiler;
  }

  /** Frees them all, at the end of their thread. Nobody may touch one after that. */
  free(): void {
    this.freed = true;
    for (const profiler of this.profilers.values()) {
      try {
        profiler.dispose();
      } catch {
        // It runs in spite of all: the teardown of the environment frees those that do.
      }
    }
    this.profilers.clear();
  }
}

/** Equal for options that the same native profiler serves. */
export function keyOf({ samplingIntervalMicros, bufferMillis }: ProfilerOptions): string {
  return `${samplingIntervalMicros}/${bufferMillis}`;
}

/** Takes labels and forgets them, in the place of a native profiler that was freed at the end of its thread. */
export const endedProfiler: NativeProfiler = {
  context: undefined,
  state: new Uint32Array(),
  metrics: { usedAsyncContextCount: 0, totalAsyncContextCount: 0 },
  start: refuseAtEnd,
  stop: refuseAtEnd,
  createContextHolder: () => ({}),
  v8ProfilerStuckEventLoopDetected: () => 0,
  dispose: () => undefined,
};

/** @throws always. */
function refuseAtEnd(): never {
  throw new Error('the thread is ending');
}
