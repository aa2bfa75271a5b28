import type { Sample } from './Profile';
import { InvalidOptionError } from '../base/errors';
import type { ProfileReader } from './ProfileReader';

/** A number stands for a numeric label, and for a string of the same digits. */
export type LabelValue = string | number | bigint;

/** Samples that have every label in it, with that value or one of those. */
export type LabelFilter = Readonly<Record<string, LabelValue | readonly LabelValue[]>>;

/** Whether a sample passes `filter`. @throws InvalidOptionError for a filter of another shape. */
export function labelFilter(
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
        throw new InvalidOptionError(
          `labels.${key}`,
          item,
          'a string, a number or an array of them',
        );
      }
    }
    return { key, values: new Set(values.map(String)) };
  });
  return (sample) =>
    wanted.every(({ key, values }) =>
      reader.labelValues(sample, key).some((value) => values.has(value)),
    );
}
