import type { Profile } from './Profile';
import { type LabelFilter, labelFilter } from './labelFilter';
import { ProfileMerger } from './ProfileMerger';
import { ProfileReader } from './ProfileReader';

/**
 * The part of `profile` whose samples have all of `labels`, as a profile of its own. Pure.
 *
 * @param labels `{ rule: 'r1' }`, or `{ rule: ['r1', 'r2'] }` for samples with either. Of a label that a sample has more
 * than once, one value is enough.
 * @throws InvalidOptionError for a value that is neither string nor number nor an array of them.
 */
export function filterByLabels(profile: Profile, labels: LabelFilter): Profile {
  const reader = new ProfileReader(profile);
  return new ProfileMerger()
    .add(reader, { keep: labelFilter(reader, labels) })
    .build(reader.header);
}
