import type { LabelSet, LabelShare } from '../model/LabelSet';
import type { TimedSample } from '../model/timeline';

/** Returns what a label set counts as; `undefined` if it counts as no label. Must not throw. */
export type LabelValueOf = (labels: LabelSet) => string | undefined;

/** Number of hits. A hit of shared work counts by the share that is counted here. */
export interface Hits {
  hits: number;
  /** Sum of the squared shares of these hits. Equals `hits` if no work is shared. */
  squares: number;
}

/** Hits of one label value. */
interface LabelHits extends Hits {
  /** Those of them that were taken during garbage collection. */
  readonly gc: Hits;
}

/** Numbers of hits, by what the hits represent. */
export interface HitCounts {
  readonly labels: Map<string, LabelHits>;
  readonly unlabeled: Hits;
  readonly gc: Hits;
  readonly runtime: Hits;
  total: number;
}

/** Hits of samples with the same parts. */
type SharedHits = Record<'javascript' | 'gc', number>;

/** Counts `hits` by the value of a label, or by what a function returns for its labels. Pure. */
export function countHits(hits: readonly TimedSample[], key: string | LabelValueOf): HitCounts {
  const valueOf = labelValueOf(key);
  const [unlabeled, gc, runtime] = [noHits(), noHits(), noHits()];
  const counts: HitCounts = { labels: new Map(), unlabeled, gc, runtime, total: hits.length };
  // Divided at the end: a hundred rules can share each sample.
  const shared = new Map<readonly LabelShare[], SharedHits>();
  for (const { activity, labels, parts } of hits) {
    if (activity === 'runtime' || activity === 'idle') {
      addHits(runtime, 1);
    } else if (parts === undefined) {
      addLabelHits(counts, labels && valueOf(labels), activity, 1);
    } else {
      let entry = shared.get(parts);
      if (entry === undefined) shared.set(parts, (entry = { javascript: 0, gc: 0 }));
      entry[activity]++;
    }
  }
  for (const [parts, { javascript, gc }] of shared) {
    for (const [value, share] of sharesByValue(parts, valueOf)) {
      if (javascript > 0) addLabelHits(counts, value, 'javascript', javascript, share);
      if (gc > 0) addLabelHits(counts, value, 'gc', gc, share);
    }
  }
  return counts;
}

/** Returns a function that returns the value of the label `key`, or `key` if it is a function. */
export function labelValueOf(key: string | LabelValueOf): LabelValueOf {
  if (typeof key === 'function') return key;
  // A label key can be `constructor`. Properties that a label set inherits are not labels.
  return (labels) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
}

/** Returns the share of each label value in a sample. Parts with one value count together. */
export function sharesByValue(
  parts: readonly LabelShare[],
  valueOf: LabelValueOf,
): Map<string | undefined, number> {
  const shares = new Map<string | undefined, number>();
  for (const { labels, share } of parts) {
    const value = valueOf(labels);
    shares.set(value, (shares.get(value) ?? 0) + share);
  }
  return shares;
}

function noHits(): Hits {
  return { hits: 0, squares: 0 };
}

function addHits(to: Hits, hits: number, share = 1): void {
  to.hits += hits * share;
  to.squares += hits * share * share;
}

function addLabelHits(
  counts: HitCounts,
  value: string | undefined,
  activity: 'javascript' | 'gc',
  hits: number,
  share = 1,
): void {
  if (value === undefined) {
    addHits(activity === 'gc' ? counts.gc : counts.unlabeled, hits, share);
    return;
  }
  let entry = counts.labels.get(value);
  if (entry === undefined) {
    // Without a spread, which would make each hit take twice as long in Node.js 20.
    counts.labels.set(value, (entry = { hits: 0, squares: 0, gc: noHits() }));
  }
  addHits(entry, hits, share);
  if (activity === 'gc') addHits(entry.gc, hits, share);
}
