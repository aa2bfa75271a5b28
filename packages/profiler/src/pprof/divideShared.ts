import { Pace, type Steps } from '../base/steps';
import type { LabelSet, LabelShare } from '../model/LabelSet';
import type { SampleStack, SummedSample } from './ProfileBuilder';

const VALUES = ['count', 'wallNanos', 'cpuNanos'] as const;

/**
 * Divides each sample of shared work among its parts, as whole numbers that sum to those of the
 * sample. What a part lacks or has too much for its share, it makes up for with the next stack.
 *
 * @param partOf Returns the sample to add a part to. May append it to `samples`.
 */
export function* divideShared(
  samples: readonly SummedSample[],
  partOf: (stack: SampleStack, labels: LabelSet) => SummedSample,
): Steps<void> {
  const pace = new Pace();
  const carried = new Map<string, number[]>();
  for (const sample of samples) {
    const { id, parts } = sample.labels;
    if (pace.worked(1 + VALUES.length * (parts?.length ?? 0))) yield;
    if (parts === undefined) continue;
    const divided = parts.map(({ labels }) => partOf(sample.stack, labels));
    for (const value of VALUES) {
      const key = `${id} ${value}`;
      const rests = carried.get(key) ?? parts.map(() => 0);
      carried.set(key, rests);
      const dealt = deal(Math.round(sample[value]), parts, rests);
      dealt.forEach((number, i) => (divided[i]![value] += number));
    }
  }
}

/**
 * Divides a whole number by share.
 *
 * @param rests What each part still lacks. Changed.
 */
function deal(total: number, parts: readonly LabelShare[], rests: number[]): number[] {
  let [left, leftShare] = [total, 1];
  return parts.map(({ share }, i) => {
    const takesAll = share >= leftShare || i === parts.length - 1;
    const exact = takesAll ? left : (left * share) / leftShare + rests[i]!;
    const dealt = Math.min(left, Math.max(0, Math.round(exact)));
    rests[i] = exact - dealt;
    left -= dealt;
    leftShare -= share;
    return dealt;
  });
}
