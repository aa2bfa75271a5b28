import type { SamplingPlan } from '../collector/SampledWorkers';
import type { ProfileWindow } from '../model/ProfileWindow';
import { toWindowError } from '../model/WindowError';
import { withoutSamples } from '../model/freezeWindow';

/** Name of the protocol between threads. Increase the number whenever the shape of a message changes. */
export const PROTOCOL = 'rulescope.profiler.workers.4';

/**
 * A message to a worker, which closes its open window, samples as the plan says, and answers
 * `followed`. Without a plan the worker stops sampling.
 */
export type ToWorker = SamplingPlan | undefined;

/** A message from a worker. */
export type FromWorker =
  /** The worker has done what the last plan says. It has sent all windows that began before. */
  | { readonly kind: 'followed' }
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
