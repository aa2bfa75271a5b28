import type { Profile } from './Profile';
import { InvalidOptionError } from '../base/errors';
import type { ProfileWindow } from '../model/ProfileWindow';

/**
 * Checks that a value of the user has the tables of a profile.
 *
 * @param name Name of the argument in the message.
 * @throws InvalidOptionError when it has not.
 */
export function checkProfile(name: string, profile: Profile): void {
  const {
    sampleType,
    sample,
    mapping,
    location,
    function: functions,
    comment,
    stringTable,
  } = (profile as Partial<Profile> | null) ?? {};
  const tables = [sampleType, sample, mapping, location, functions, comment, stringTable?.strings];
  if (!tables.every(Array.isArray)) {
    const allowed =
      "a profile in pprof's format, such as `toPprof` or `Profile.decode` of pprof-format returns";
    throw new InvalidOptionError(name, profile, allowed);
  }
}

/**
 * Checks that a value of the user is a window.
 *
 * @throws InvalidOptionError when it is not.
 */
export function checkWindow(window: ProfileWindow): void {
  const { origin, cpu, samples } = (window as Partial<ProfileWindow> | null) ?? {};
  if ([origin, cpu, samples].some((part) => typeof part !== 'object' || part === null)) {
    throw new InvalidOptionError('window', window, 'a window, as a consumer or a span gets it');
  }
}
