import type { Profile } from './Profile';
import { type Steps, allAtOnce } from '../base/steps';
import { ProfileMerger, type SampleChanges } from './ProfileMerger';
import { ProfileReader } from './ProfileReader';

/** Changes to a profile. Fields that are left out change nothing. */
export interface ProfileChanges {
  /** Added to the comments of the profile. */
  readonly comments?: readonly string[];
  /** Name of the sample type that pprof shows first. */
  readonly defaultSampleType?: string | undefined;
  /** A label to add to all samples. It replaces labels with the same key. */
  readonly label?: SampleChanges['label'];
  /** An earlier profile with the same sample types. Its values are subtracted. */
  readonly minus?: Profile | undefined;
}

/** Returns a new profile with `changes`. Stacks whose values are all zero are left out. */
export function rewriteProfile(profile: Profile, changes: ProfileChanges): Profile {
  return allAtOnce(rewriteInSteps(profile, changes));
}

/** Does what {@link rewriteProfile} does, in steps. */
export function* rewriteInSteps(profile: Profile, changes: ProfileChanges): Steps<Profile> {
  const { comments = [], defaultSampleType, label, minus } = changes;
  const reader = new ProfileReader(profile);
  const { header } = reader;
  const merger = new ProfileMerger();
  yield* merger.addInSteps(reader, { label });
  if (minus !== undefined)
    yield* merger.addInSteps(new ProfileReader(minus), { label, negate: true });
  return yield* merger.buildInSteps({
    ...header,
    comments: [...header.comments, ...comments],
    defaultSampleType: defaultSampleType ?? header.defaultSampleType,
  });
}
