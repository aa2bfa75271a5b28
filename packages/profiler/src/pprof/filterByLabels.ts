import type { Profile, Sample } from './Profile';
import { InvalidOptionError } from '../base/errors';
import { ProfileMerger } from './ProfileMerger';
import { ProfileReader } from './ProfileReader';

/** A label value. A number matches a numeric label, and a text label with the same digits. */
export type LabelValue = string | number | bigint;

/** The labels that a sample must have, each with the given value or one of the given values. */
export type LabelFilter = Readonly<Record<string, LabelValue | readonly LabelValue[]>>;

/**
 * Returns a profile with only the samples of `profile` that have all of `labels`. Its header is
 * that of `profile`. Equal samples are summed; samples with only zero values are left out.
 *
 * @param labels `{ rule: 'r1' }`, or `{ rule: ['r1', 'r2'] }` for samples with either. A sample
 * that has a label more than once needs one matching value. `{}` keeps all samples, an empty array
 * none.
 * @throws InvalidOptionError when `profile` is not a profile, `labels` is not a plain object, or a
 * value is not a string, a number or an array of them; Error when a reference in the profile is
 * broken.
 */
export function filterByLabels(profile: Profile, labels: LabelFilter): Profile {
  const reader = new ProfileReader(profile);
  return new ProfileMerger()
    .add(reader, { keep: matchLabels(reader, labels) })
    .build(reader.header);
}

/**
 * Returns a function that tells whether a sample has all labels of `filter`.
 *
 * @throws InvalidOptionError as {@link filterByLabels} does.
 */
export function matchLabels(
  reader: ProfileReader,
  filter: LabelFilter,
): (sample: Sample) => boolean {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new InvalidOptionError('labels', filter, 'an object of label keys and values');
  }
  const wanted = Object.entries(filter).map(([key, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of values) {
      if (!['string', 'number', 'bigint'].includes(typeof item)) {
        const allowed = 'a string, a number or an array of them';
        throw new InvalidOptionError(`labels.${key}`, item, allowed);
      }
    }
    return { key, values: new Set(values.map(String)) };
  });
  return (sample) =>
    wanted.every(({ key, values }) =>
      reader.labelValues(sample, key).some((value) => values.has(value)),
    );
}
