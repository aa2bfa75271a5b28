import type { Profile } from '../pprof/Profile';
import { mergeHeaders } from '../pprof/mergeProfiles';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { ProfileReader } from '../pprof/ProfileReader';

/** The label that pprof puts on the samples of the base of a comparison, with the value `true`. */
export const BASE_LABEL = 'pprof::base';

/**
 * What changed from `base` to `other`: the samples of `other` together with those of `base` with their values negated. Pure; what
 * `go tool pprof -diff_base base other` computes.
 *
 * As there, the samples of the base bear the label `pprof::base`: so percentages in {@link top} are of the base, and those that did not
 * change stay in pairs that add up to 0. Durations are summed, as there.
 *
 * @throws InvalidOptionError when the two differ in sample types or in period type.
 */
export function diff(base: Profile, other: Profile): Profile {
  const [from, to] = [new ProfileReader(base), new ProfileReader(other)];
  const header = mergeHeaders([to.header, from.header]);
  return new ProfileMerger()
    .add(to)
    .add(from, { value: (value) => -value, label: { key: BASE_LABEL, value: 'true' } })
    .build(header);
}
