import { InvalidOptionError } from '../base/errors';
import type { ProfileWindow } from './ProfileWindow';

/**
 * Checks that a value of the user is a window.
 *
 * @param name Name of the argument in the message.
 * @throws InvalidOptionError when it is not.
 */
export function checkWindow(window: ProfileWindow, name = 'window'): void {
  const { origin, cpu, samples } = (window as Partial<ProfileWindow> | null) ?? {};
  if ([origin, cpu, samples].some((part) => typeof part !== 'object' || part === null)) {
    throw new InvalidOptionError(name, window, 'a window, as a consumer or a span gets it');
  }
}
