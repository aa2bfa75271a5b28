import type { ProfileWindow } from '../model/ProfileWindow';
import { toWindowError } from '../model/WindowError';
import { freezeWindow } from '../model/freezeWindow';

/** Names all that threads say to each other; a worker is told a `SamplingPlan`, and by the closing of the port to sample no more. The number changes with the shape of it. */
export const PROTOCOL = 'rulescope.profiler.workers.2';

/** From a worker. */
export type FromWorker =
  /** It samples from now on, as well as it can. */
  | { readonly kind: 'started' }
  | { readonly kind: 'window'; readonly window: ProfileWindow }
  /** It ends, and has sent all its windows. */
  | { readonly kind: 'ended' };

/** `window` without its samples, which could not be sent because of `error`. Pure. */
export function withoutSamples(window: ProfileWindow, error: Error): ProfileWindow {
  const samples = { taken: 0, lost: window.samples.lost + window.samples.taken };
  return freezeWindow({
    ...window,
    samples,
    complete: false,
    incompleteReason: undefined,
    error: toWindowError(error),
    fair: false,
    quality: undefined,
    root: undefined,
  });
}
