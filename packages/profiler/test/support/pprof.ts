import type { LabelSet } from '../../src/model/LabelSet';
import type { Profile } from '../../src/pprof/Profile';
import { ProfileReader } from '../../src/pprof/ProfileReader';

/** A sample in plain form. */
export interface PlainSample {
  /** Function names, leaf first. */
  readonly stack: readonly string[];
  readonly labels: LabelSet;
  readonly values: readonly number[];
}

/** Returns the samples of `profile` in plain form. */
export function plain(profile: Profile): PlainSample[] {
  const reader = new ProfileReader(profile);
  return reader.samples.map((sample) => ({
    stack: reader.stack(sample).flatMap((at) => reader.frames(at).map(({ name }) => name)),
    labels: Object.fromEntries(
      reader.labels(sample).map(({ key, str }) => [reader.text(key), reader.text(str)]),
    ),
    values: reader.values(sample).map(Number),
  }));
}

/** Returns the comments of `profile`. */
export function comments(profile: Profile): readonly string[] {
  return new ProfileReader(profile).header.comments;
}
