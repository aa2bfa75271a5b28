import type { Profile } from '../pprof/Profile';
import { knownKeys, nonEmptyString } from '../base/validate';
import { findSampleType } from '../pprof/DecodedHeader';
import { ProfileReader } from '../pprof/ProfileReader';

export interface FoldOptions {
  /** Name of the sample type to sum. Default: the profile's default, else its last. */
  readonly sampleType?: string;
  /**
   * Key of a label. A sample with that label gets a frame `key=value` as its root. Default: no such
   * frame.
   */
  readonly rootLabel?: string;
}

/**
 * Returns `profile` as folded stacks, the input of Brendan Gregg's flamegraph.pl and of many other
 * tools: a sorted line `root;...;leaf value` for each stack. Values are integers in the unit of the
 * sample type. Stacks with the value 0 are left out, so the text may be ''.
 *
 * The format has no escapes. In a name, `;` becomes `:`, and each run of white space or control
 * characters becomes one space. Stacks that become equal are summed, so the lines always sum to the
 * profile. A function without a name, and a stack without a function, is `<unknown>`. Values of a
 * `diff` may be negative; flamegraph.pl does not draw them.
 *
 * @throws InvalidOptionError when `profile` is not a profile, for an unknown sample type (the
 * message lists all the profile has), an unknown option or a value that is not allowed; Error when a
 * reference in the profile is broken.
 */
export function fold(profile: Profile, options: FoldOptions = {}): string {
  knownKeys('fold', options, ['sampleType', 'rootLabel']);
  const { sampleType, rootLabel } = options;
  if (rootLabel !== undefined) nonEmptyString('rootLabel', rootLabel);
  const reader = new ProfileReader(profile);
  const { index } = findSampleType(reader.header, sampleType);
  const sums = new Map<string, bigint>();
  for (const sample of reader.samples) {
    const frames = reader
      .stack(sample)
      .flatMap((location) => reader.frames(location))
      .map(({ name }) => name || '<unknown>')
      .reverse();
    if (rootLabel !== undefined) {
      const values = reader.labelValues(sample, rootLabel);
      if (values.length > 0) frames.unshift(`${rootLabel}=${values.join()}`);
    }
    const stack = frames.map(escapeFrame).join(';') || '<unknown>';
    sums.set(stack, (sums.get(stack) ?? 0n) + reader.values(sample)[index]!);
  }
  return [...sums]
    .filter(([, value]) => value !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stack, value]) => `${stack} ${value}\n`)
    .join('');
}

function escapeFrame(name: string): string {
  return name.replaceAll(';', ':').replace(/[\s\p{Cc}]+/gu, ' ');
}
