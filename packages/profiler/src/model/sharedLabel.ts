import type { LabelSet, LabelShare } from './LabelSet';
import { boundLabels } from './boundLabels';

/** Label with several values at once: work that is done for all of them. */
export interface SharedLabel {
  readonly key: string;
  /** Weight of each value: finite, above 0. */
  readonly weights: readonly (readonly [value: string, weight: number])[];
}

/** A symbol: no label can have the same key, and a copy of a label set includes it. */
const SHARED = Symbol.for('rulescope.profiler.sharedLabel.1');

interface SharedLabelSet {
  readonly [SHARED]?: SharedLabel;
}

/** Returns a label set like `labels` with a shared label. */
export function withSharedLabel(labels: LabelSet | undefined, shared: SharedLabel): LabelSet {
  const all: object = { ...labels, [SHARED]: shared };
  return all as LabelSet;
}

/** Returns a label set like `labels` without its shared label. */
export function withoutSharedLabel(labels: LabelSet): LabelSet {
  const { [SHARED]: _shared, ...others } = labels as LabelSet & SharedLabelSet;
  return others;
}

/** Returns the shared label in `labels`. */
export function sharedLabelIn(labels: LabelSet | undefined): SharedLabel | undefined {
  return (labels as SharedLabelSet | undefined)?.[SHARED];
}

/**
 * Returns the parts that a shared label divides a sample into. Pure.
 *
 * @param labels All other labels of the sample. A label with the same key was set later and wins.
 */
export function partsOf(labels: LabelSet, { key, weights }: SharedLabel): LabelShare[] {
  // Divided by the largest first, so that no sum of weights is infinite.
  const largest = weights.reduce((max, [, weight]) => Math.max(max, weight), 0);
  const sum = weights.reduce((total, [, weight]) => total + weight / largest, 0);
  return weights.map(([value, weight]) => ({
    labels: boundLabels({ [key]: value, ...labels }),
    share: weight / largest / sum,
  }));
}
