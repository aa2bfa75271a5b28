import type { Profile, Sample } from '../pprof/Profile';
import { knownKeys, nonEmptyString } from '../base/validate';
import { ProfileReader } from '../pprof/ProfileReader';
import { type Top, type TopOptions, topOf, totalOf } from './top';

/**
 * Returns a {@link Top} for each value of the label `key`, in the order of the first samples.
 *
 * Samples without the label are under `undefined`. Numeric labels are under their decimal digits. A
 * sample that has the label twice counts under both values. Percentages are of the whole profile,
 * so the parts sum to the whole.
 *
 * @throws InvalidOptionError as `top` does, and for the option `labels`; Error when a reference in
 * the profile is broken.
 */
export function topByLabel(
  profile: Profile,
  key: string,
  options: Omit<TopOptions, 'labels'> = {},
): Map<string | undefined, Top> {
  nonEmptyString('key', key);
  knownKeys('topByLabel', options, ['sampleType', 'granularity']);
  const reader = new ProfileReader(profile);
  const groups = new Map<string | undefined, Sample[]>();
  for (const sample of reader.samples) {
    const values = new Set<string | undefined>(reader.labelValues(sample, key));
    for (const value of values.size > 0 ? values : [undefined]) {
      const group = groups.get(value);
      if (group === undefined) groups.set(value, [sample]);
      else group.push(sample);
    }
  }
  if (groups.size === 0) return new Map();
  // Counted once, because it goes through all samples.
  const total = totalOf(reader, options.sampleType);
  return new Map(
    [...groups].map(([value, samples]) => [
      value,
      topOf(
        reader,
        samples,
        value === undefined ? options : { ...options, labels: { [key]: value } },
        total,
      ),
    ]),
  );
}
