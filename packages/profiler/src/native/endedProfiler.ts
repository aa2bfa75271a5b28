import type { NativeProfiler } from './loadNative';

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
export function refuseAtEnd(): never {
  throw new Error('the thread is ending');
}
