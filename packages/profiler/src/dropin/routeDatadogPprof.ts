import { loadPublicApi } from '../sampler/native';
import { perThread } from '../threadState';
import { type Route, Routing } from './Routing';
import { timeOf } from './time';

/**
 * From now on, whoever calls `time` of the same copy of `@datadog/pprof` in this thread (`require` and `import` alike) gets rulescope's:
 * their profiles are spans of the shared collector, beside all other readers, where their `start` would have
 * thrown. What they start and the contexts that they set are apart from those of rulescope's own `time`. Functions that
 * were taken out of `time` before are not replaced.
 *
 * Call it before they start, and make it one copy (npm `overrides`): other copies are not routed.
 *
 * @returns how to undo it. When everybody who called it has, the originals are back, and what was started through the route
 *   and not stopped ends. Calling it again does nothing.
 * @throws Error when the original is recording: its `stop` would no longer be reached.
 */
export function routeDatadogPprof(): () => void {
  const { routing, isOriginalStarted, endAll } = perThread('routing', createRouting);
  if (!routing.active && isOriginalStarted()) {
    throw new Error(
      'time of @datadog/pprof is recording: stop it first, or call routeDatadogPprof() before it is started',
    );
  }
  const undo = routing.add();
  return () => {
    undo();
    if (!routing.active) endAll();
  };
}

interface DatadogRouting {
  readonly routing: Routing;
  readonly isOriginalStarted: () => boolean;
  readonly endAll: () => void;
}

function createRouting(): DatadogRouting {
  const original = loadPublicApi();
  const time = timeOf('routed');
  const routes: Route[] = [{ target: original.time, dropIn: time }];
  return {
    routing: new Routing(routes),
    isOriginalStarted: original.time['isStarted'] as () => boolean,
    endAll: () => {
      if (time.isStarted()) time.stop();
    },
  };
}
