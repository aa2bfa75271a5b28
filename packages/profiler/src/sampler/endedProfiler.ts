import type { NativeProfiler } from './native';

/** Does nothing, in the place of a native profiler that was freed at the end of its thread. */
export const endedProfiler: NativeProfiler = {
  context: undefined,
  state: new Uint32Array(),
  metrics: { usedAsyncContextCount: 0, totalAsyncContextCount: 0 },
  start: refuse,
  stop: refuse,
  createContextHolder: () => ({}),
  v8ProfilerStuckEventLoopDetected: () => 0,
  dispose: () => undefined,
};

function refuse(): never {
  throw new Error('the thread is ending');
}
