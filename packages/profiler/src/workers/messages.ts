import type { ProfileWindow } from '../model/ProfileWindow';
import { toWindowError } from '../model/WindowError';
import { withoutSamples } from '../model/freezeWindow';

/**
 * Name of the protocol between threads. The main thread sends a worker `SamplingPlan`s, and closes
 * the port to stop the sampling. Increase the number whenever the shape of a message changes.
 */
export const PROTOCOL = 'rulescope.profiler.workers.4';

/** A message from a worker. */
export type FromWorker =
  /** The worker samples from now on, or tries to. */
  | { readonly kind: 'started' }
  | { readonly kind: 'window'; readonly window: ProfileWindow }
  /** The worker has sent all its windows and ends. */
  | { readonly kind: 'ended' };

/** Returns `window` without its samples, which could not be sent because of `error`. Pure. */
export function unsendable(window: ProfileWindow, error: Error): ProfileWindow {
  return withoutSamples(window, {
    incompleteReason: undefined,
    error: toWindowError(error),
    fair: false,
    quality: undefined,
  });
}
