import type { Profile } from '../pprof/Profile';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { ProfileReader } from '../pprof/ProfileReader';

/** What is made of a profile before it is sent. Whatever is left out stays as it is. */
export interface Revision {
  /** Added to those it has. */
  readonly comments?: readonly string[];
  /** Name of the sample type that is shown first. */
  readonly defaultSampleType?: string | undefined;
  /** A profile of the same sample types, the values of which are taken away: the change since. */
  readonly minus?: Profile | undefined;
}

/** A new profile. Stacks without a value are left out. Pure. */
export function revise(profile: Profile, revision: Revision): Profile {
  const { comments = [], defaultSampleType, minus } = revision;
  const reader = new ProfileReader(profile);
  const { header } = reader;
  const merger = new ProfileMerger().add(reader);
  if (minus !== undefined) merger.add(new ProfileReader(minus), { value: (value) => -value });
  return merger.build({
    ...header,
    comments: [...header.comments, ...comments],
    defaultSampleType: defaultSampleType ?? header.defaultSampleType,
  });
}
