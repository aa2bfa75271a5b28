import type { Profile } from '../pprof/Profile';
import { knownKeys } from '../base/validate';
import { findSampleType } from './findSampleType';
import { ProfileReader } from '../pprof/ProfileReader';

export interface FoldOptions {
  /** Name of the sample type. Default: the profile's default, else its last. */
  readonly sampleType?: string;
  /** Key of a label: a frame `key=value` at the root of those samples that have it. Default: no such frame. */
  readonly rootLabel?: string;
}

/**
 * `profile` as folded stacks, the input of Brendan Gregg's flamegraph.pl and of many others: a line for each stack, sorted,
 * `root;...;leaf value`. Pure. The text is empty when no stack has a value but 0.
 *
 * The format has no escapes: in a name `;` becomes `:`, and each run of white space or control characters becomes one
 * space. Stacks that look the same then are one line, so the sum of all values is always the profile's. A function without a
 * name is `<unknown>`, and so is a stack without a function. Values of a {@link diff} may be negative, which flamegraph.pl does not draw.
 *
 * @throws InvalidOptionError for an unknown sample type; it lists those there are.
 */
export function fold(profile: Profile, options: FoldOptions = {}): string {
  knownKeys('fold', options, ['sampleType', 'rootLabel']);
  const { sampleType, rootLabel } = options;
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
