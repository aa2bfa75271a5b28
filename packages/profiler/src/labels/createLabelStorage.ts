import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { AsyncContextFrameLabels } from './AsyncContextFrameLabels';
import { AsyncHooksLabels } from './AsyncHooksLabels';
import type { SamplerLabelStorage } from './LabelStorage';

/** Creates the label storage that suits this runtime. Loads no native code. */
export function createLabelStorage(): SamplerLabelStorage {
  return usesAsyncContextFrame() ? new AsyncContextFrameLabels() : new AsyncHooksLabels();
}

/**
 * Returns whether the runtime carries the values of an `AsyncLocalStorage` in AsyncContextFrames
 * (Node.js 24 by default, 22.7 and later with a flag). Without them, Node.js keeps the value on the
 * resource of the running flow: as a property, or on an object that is one (Node.js 24 and later).
 *
 * Flags and version do not tell: `NODE_OPTIONS` and the `execArgv` of a worker change both. The
 * sampler refuses to start where the native part finds something else.
 */
function usesAsyncContextFrame(): boolean {
  const probe = new AsyncLocalStorage<object>();
  const value = {};
  const resource = new AsyncResource('RULESCOPE_PROBE');
  const kept = resource.runInAsyncScope(() =>
    probe.run(value, () => valuesOf(resource).some((at) => at === value || has(at, value))),
  );
  // A storage in use makes each promise of the process a little slower.
  probe.disable();
  return !kept;
}

function has(holder: unknown, value: object): boolean {
  return typeof holder === 'object' && holder !== null && valuesOf(holder).includes(value);
}

function valuesOf(object: object): unknown[] {
  return Reflect.ownKeys(object).map((key) => (object as Record<PropertyKey, unknown>)[key]);
}
