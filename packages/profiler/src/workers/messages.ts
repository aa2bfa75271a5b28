import { toError } from '../base/errors';
import type { ProfileWindow } from '../model/ProfileWindow';
import { freezeWindow } from '../model/freezeWindow';

/** Names all that threads say to each other; a worker is told a `SamplingPlan`, and by the closing of the port to sample no more. The number changes with the shape of it. */
export const PROTOCOL = 'rulescope.profiler.workers.2';

/** From a worker. */
export type FromWorker =
  /** It samples from now on, as well as it can. */
  | { readonly kind: 'started' }
  | { readonly kind: 'window'; readonly window: PlainWindow }
  /** It ends, and has sent all its windows. */
  | { readonly kind: 'ended' };

/** What of an error gets through. */
interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** A window as plain data, for structured clone. */
export type PlainWindow = Omit<ProfileWindow, 'profile' | 'error'> & {
  readonly error: PlainError | undefined;
};

/** Pure. */
export function toPlainWindow(window: ProfileWindow): PlainWindow {
  const { error } = window;
  // The profile is not enumerable, hence not among these.
  const { name, message, stack } = error ?? {};
  return { ...window, error: error && { name: name!, message: message!, stack } };
}

/** Pure. */
export function fromPlainWindow({ error, ...fields }: PlainWindow): ProfileWindow {
  return freezeWindow({ ...fields, error: error && Object.assign(toError(error.message), error) });
}

/** `window` without its samples, which could not be sent because of `error`. Pure. */
export function withoutProfile(window: ProfileWindow, error: Error): ProfileWindow {
  const samples = { taken: 0, lost: window.samples.lost + window.samples.taken };
  return freezeWindow({
    ...window,
    samples,
    complete: false,
    incompleteReason: undefined,
    error,
    fair: false,
    quality: undefined,
    root: undefined,
  });
}
