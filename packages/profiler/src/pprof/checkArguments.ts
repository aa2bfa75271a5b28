import type { Profile } from './Profile';
import { InvalidOptionError } from '../base/errors';

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
