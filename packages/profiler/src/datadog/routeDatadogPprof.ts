import { type PublicApi, loadPublicApi } from '../native/loadNative';
import { perThread, slotKey } from '../slot/threadSlot';
import { Routing } from './Routing';
import { heapOf } from './heap';
import { timeOf } from './time';

/**
 * From now on, whoever calls `time` or `heap` of the same copy of `@datadog/pprof` in this thread (`require` and `import` alike) gets
 * rulescope's: their profiles are recorded beside those of all other readers, where their `start` would have thrown. What
 * they start and the contexts that they set are apart from those of rulescope's own `time` and `heap`. Functions
 * that were taken out of these objects before are not replaced.
 *
 * Call it before they start, and make it one copy (npm `overrides`): other copies are not routed.
 *
 * @returns how to undo it. When everybody who called it has, the originals are back, and what was started through the route
 *   and not stopped ends. Calling it again does nothing.
 * @throws Error when the original is recording: its `stop` would no longer be reached.
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
  /** @throws Error when an original is recording. Asked while nothing is routed. */
  readonly assertIdle: () => void;
  /** Ends what was started through the route. */
  readonly endAll: () => void;
}

function createRouting(): DatadogRouting {
  const original = loadPublicApi();
  const time = timeOf('routed.time');
  const heap = heapOf('routed.heap');
  return {
    routing: new Routing([
      { target: original.time, dropIn: time },
      { target: original.heap, dropIn: heap },
    ]),
    assertIdle: () => {
      const busy = isTimeStarted(original) ? 'time' : isHeapStarted(original) ? 'heap' : undefined;
      if (busy === undefined) return;
      throw new Error(
        `${busy} of @datadog/pprof is recording: stop it first, or call routeDatadogPprof() before it is started`,
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

/** There is no other way to know: reading throws unless it is started. */
function isHeapStarted({ heap }: PublicApi): boolean {
  try {
    (heap['v8Profile'] as () => unknown)();
    return true;
  } catch {
    return false;
  }
}
