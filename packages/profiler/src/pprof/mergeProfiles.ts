import type { Profile } from './Profile';
import { InvalidOptionError } from '../base/errors';
import { type Numeric, toInt64, toNumeric } from './integers';
import { ProfileMerger } from './ProfileMerger';
import type { DecodedHeader, SampleType } from './DecodedHeader';
import { ProfileReader } from './ProfileReader';

/**
 * Returns the sum of profiles, such as the profiles of several windows or processes. The result is
 * what `go tool pprof -proto a b` writes. No profile is changed.
 *
 * Samples with the same stack and labels become one. Samples with only zero values are left out.
 * The duration is the sum, the start is the earliest, the period is the longest. Each comment
 * appears once. The default sample type and the documentation URL come from the first profile that
 * has one. All other header fields come from the first profile.
 *
 * @throws InvalidOptionError when `profiles` is not an array of profiles or is empty, or when two
 * profiles differ in sample types or in period type; Error when a reference in a profile is broken.
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  if (!Array.isArray(profiles)) {
    throw new InvalidOptionError('profiles', profiles, 'an array of profiles');
  }
  const readers = profiles.map(
    (profile: Profile, index) => new ProfileReader(profile, `profiles[${index}]`),
  );
  const header = mergeHeaders(readers.map((reader) => reader.header));
  const builder = new ProfileMerger();
  for (const reader of readers) builder.add(reader);
  return builder.build(header);
}

/** Merges headers by the rules of {@link mergeProfiles}. @throws InvalidOptionError as it does. */
export function mergeHeaders(headers: readonly DecodedHeader[]): DecodedHeader {
  const [first, ...others] = headers;
  if (first === undefined) throw new InvalidOptionError('profiles', [], 'at least one profile');
  others.forEach((other, index) => {
    mustEqual('sample types', index + 1, first.sampleTypes, other.sampleTypes);
    mustEqual('period type', index + 1, [first.periodType], [other.periodType]);
  });
  const integers = (of: (header: DecodedHeader) => Numeric): bigint[] =>
    headers.map((header) => toInt64(of(header)));
  const firstText = (of: (header: DecodedHeader) => string): string =>
    headers.map(of).find((text) => text !== '') ?? '';
  return {
    ...first,
    defaultSampleType: firstText(({ defaultSampleType }) => defaultSampleType),
    docUrl: firstText(({ docUrl }) => docUrl),
    comments: [...new Set(headers.flatMap(({ comments }) => comments))],
    timeNanos: toNumeric(
      integers(({ timeNanos }) => timeNanos)
        .filter((time) => time !== 0n)
        .reduce((a, b) => (a === 0n || b < a ? b : a), 0n),
    ),
    durationNanos: toNumeric(
      integers(({ durationNanos }) => durationNanos).reduce((a, b) => a + b, 0n),
    ),
    period: toNumeric(integers(({ period }) => period).reduce((a, b) => (b > a ? b : a))),
  };
}

function mustEqual(
  what: string,
  index: number,
  expected: readonly SampleType[],
  actual: readonly SampleType[],
): void {
  const [wanted, got] = [expected, actual].map((types) =>
    types.map(({ type, unit }) => `${type}/${unit}`).join(', '),
  );
  if (wanted !== got) {
    throw new InvalidOptionError(
      `${what} of profiles[${index}]`,
      got,
      `the same as in profiles[0], ${wanted}`,
    );
  }
}
