import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { AsyncContextFrameLabels } from './AsyncContextFrameLabels';
import { AsyncHooksLabels } from './AsyncHooksLabels';
import type { SamplerLabelStorage } from './LabelStorage';

/** Creates the label storage for this runtime. Loads no native code. */
export function createLabelStorage(): SamplerLabelStorage {
  return usesAsyncContextFrame() ? new AsyncContextFrameLabels() : new AsyncHooksLabels();
}

/**
 * Returns whether the runtime carries the values of an `AsyncLocalStorage` in AsyncContextFrames
 * (Node.js 24 by default, 22.7 and later with a flag). Without AsyncContextFrames, Node.js keeps
 * the value on the resource of the running flow: as a property, or inside an object that is a
 * property (Node.js 24 and later).
 *
 * The function tries it out, because the Node.js version and `process.execArgv` do not tell:
 * `NODE_OPTIONS` and the `execArgv` of a worker can change the mode. The sampler refuses to start
 * if the native part finds another mode.
 */
function usesAsyncContextFrame(): boolean {
  const probe = new AsyncLocalStorage<object>();
  const value = {};
  const resource = new AsyncResource('RULESCOPE_PROBE');
  const isOnResource = resource.runInAsyncScope(() =>
    probe.run(value, () =>
      valuesOf(resource).some((candidate) => candidate === value || contains(candidate, value)),
    ),
  );
  // Each storage in use makes every promise of the process a little slower.
  probe.disable();
  return !isOnResource;
}

function contains(object: unknown, value: object): boolean {
  return typeof object === 'object' && object !== null && valuesOf(object).includes(value);
}

function valuesOf(object: object): unknown[] {
  return Reflect.ownKeys(object).map((key) => (object as Record<PropertyKey, unknown>)[key]);
}
