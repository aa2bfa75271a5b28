import { inTurns } from '../base/inTurns';
import type { ProfileWindow } from '../model/ProfileWindow';
import { checkWindow } from '../model/checkWindow';
import { ProfileSum } from './ProfileSum';
import type { Profile } from './Profile';
import { checkProfile } from './checkArguments';
import { encodeInSteps } from './encodeInSteps';

/**
 * Does what `toPprof` does without blocking the event loop: in pieces of about a millisecond, each
 * in a turn of its own. For windows with many samples, such as the window of a long span.
 *
 * @returns A promise of the profile. It rejects where `toPprof` throws.
 */
export async function toPprofInTurns(window: ProfileWindow): Promise<Profile> {
  checkWindow(window);
  const sum = new ProfileSum(Infinity);
  await inTurns(sum.addInSteps(window));
  return inTurns(sum.buildInSteps());
}

/**
 * Does what `profile.encode()` does without blocking the event loop: in pieces of about a
 * millisecond, each in a turn of its own.
 *
 * @returns A promise of the encoded profile, not compressed. It rejects if `profile` is none.
 */
export async function encodeInTurns(profile: Profile): Promise<Uint8Array> {
  checkProfile('profile', profile);
  return Buffer.concat(await inTurns(encodeInSteps(profile)));
}
