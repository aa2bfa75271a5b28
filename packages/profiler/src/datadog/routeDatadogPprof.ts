import { type PublicApi, loadPublicApi } from '../native/loadNative';
import { perThread, slotKey } from '../slot/threadSlot';
import { Routing } from './Routing';
import { heapOf } from './heap';
import { timeOf } from './time';

/**
 * Routes all calls of `time` and `heap` of `@datadog/pprof` in this thread to rulescope, for
 * `require` and `import` alike. Their profiles are then recorded beside those of all other readers;
 * without the route, their `start` would throw. Their recordings and contexts are independent of
 * those of rulescope's own `time` and `heap`.
 *
 * Call it before the other code starts to record. It routes only the copy of `@datadog/pprof` that
 * rulescope uses, so make sure that there is one copy (npm `overrides`). Functions that other code
 * has already taken out of the two objects are not replaced.
 *
 * @returns A function that undoes the call. Further calls of it do nothing. When all calls are
 *   undone, the original functions are back, and recordings that were started through the route and
 *   not stopped end.
 * @throws Error if `@datadog/pprof` does not load.
 * @throws Error if its `time` or `heap` is recording: `stop` could no longer be reached.
 */
export function routeDatadogPprof(): () => void {
  const { routing, assertIdle, endAll } = perThread(ROUTING, createRouting);
  if (!routing.active) assertIdle();
  const undo = routing.add();
  return () => {
    undo();
    if (!routing.active) endAll();
  };
}

const ROUTING = slotKey<DatadogRouting>('routing', 1);

interface DatadogRouting {
  readonly routing: Routing;
  /**
   * Checks that the originals are idle. Called while no route is active.
   * @throws Error if an original is recording.
   */
  readonly assertIdle: () => void;
  /** Ends all recordings that were started through the route. */
  readonly endAll: () => void;
}

function createRouting(): DatadogRouting {
  const original = loadPublicApi();
  const time = timeOf('routed.time');
  const heap = heapOf('routed.heap');
  return {
    routing: new Routing([
      { target: original.time, replacement: time },
      { target: original.heap, replacement: heap },
    ]),
    assertIdle: () => {
      const busy = isTimeStarted(original) ? 'time' : isHeapStarted(original) ? 'heap' : undefined;
      if (busy === undefined) return;
      throw new Error(
        `${busy} of @datadog/pprof is recording: stop it first, or call routeDatadogPprof() before it starts`,
      );
    },
    endAll: () => {
      if (time.isStarted()) time.stop();
      heap.stop();
    },
  };
}

function isTimeStarted({ time }: PublicApi): boolean {
  return (time['isStarted'] as () => boolean)();
}

/**
 * Returns whether the original `heap` is recording. It has no function for that, but reading throws
 * unless it is started.
 */
function isHeapStarted({ heap }: PublicApi): boolean {
  try {
    (heap['v8Profile'] as () => unknown)();
    return true;
  } catch {
    return false;
  }
}
