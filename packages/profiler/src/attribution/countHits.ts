import type { LabelSet } from '../model/LabelSet';
import type { TimedSample } from '../model/timeline';

/** Returns what a label set counts as; `undefined` if it counts as no label. Must not throw. */
export type LabelValueOf = (labels: LabelSet) => string | undefined;

/** Hits of one label value. */
interface LabelHits {
  hits: number;
  /** Number of these hits that were taken during garbage collection. */
  gcHits: number;
}

/** Numbers of hits, by what the hits represent. */
export interface HitCounts {
  readonly labels: Map<string, LabelHits>;
  unlabeled: number;
  gc: number;
  runtime: number;
  total: number;
}

/** Counts `hits` by the value of a label, or by what a function returns for its labels. Pure. */
export function countHits(hits: readonly TimedSample[], key: string | LabelValueOf): HitCounts {
  const valueOf = labelValueOf(key);
  const counts: HitCounts = { labels: new Map(), unlabeled: 0, gc: 0, runtime: 0, total: 0 };
  for (const hit of hits) addHit(counts, hit, valueOf);
  return counts;
}

/** Returns a function that returns the value of the label `key`, or `key` if it is a function. */
export function labelValueOf(key: string | LabelValueOf): LabelValueOf {
  if (typeof key === 'function') return key;
  // A label key can be `constructor`. Properties that a label set inherits are not labels.
  return (labels) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
}

function addHit(counts: HitCounts, { activity, labels }: TimedSample, valueOf: LabelValueOf): void {
  counts.total++;
  if (activity === 'runtime') {
    counts.runtime++;
    return;
  }
  const value = labels && valueOf(labels);
  if (value === undefined) {
    if (activity === 'gc') counts.gc++;
    else counts.unlabeled++;
    return;
  }
  let entry = counts.labels.get(value);
  if (entry === undefined) counts.labels.set(value, (entry = { hits: 0, gcHits: 0 }));
  entry.hits++;
  if (activity === 'gc') entry.gcHits++;
}
