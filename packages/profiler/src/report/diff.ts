import type { Profile } from '../pprof/Profile';
import { mergeHeaders } from '../pprof/mergeProfiles';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { ProfileReader } from '../pprof/ProfileReader';

/** The label of the samples of a base, as in pprof. Its value is `true`. */
export const BASE_LABEL = 'pprof::base';

/**
 * Returns the change from `base` to `other`, as `go tool pprof -diff_base base other` computes it:
 * the samples of `other`, and the samples of `base` with negated values.
 *
 * The samples of `base` get the label `pprof::base` = `true`, so `top` gives percentages of the
 * base. For the same reason unchanged samples stay, in pairs that sum to 0. The header is that of
 * `mergeProfiles([other, base])`, so durations are summed.
 *
 * @throws InvalidOptionError when an argument is not a profile, or when the two differ in sample
 * types or in period type; Error when a reference in a profile is broken.
 */
export function diff(base: Profile, other: Profile): Profile {
  const [from, to] = [new ProfileReader(base, 'base'), new ProfileReader(other, 'other')];
  const header = mergeHeaders([to.header, from.header]);
  return new ProfileMerger()
    .add(to)
    .add(from, { negate: true, label: { key: BASE_LABEL, value: 'true' } })
    .build(header);
}
