import type { TimedSample } from '../model/timeline';

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

/** Counts `hits` by the value of the label `key`. Pure. */
export function countHits(hits: readonly TimedSample[], key: string): HitCounts {
  const counts: HitCounts = { labels: new Map(), unlabeled: 0, gc: 0, runtime: 0, total: 0 };
  for (const hit of hits) addHit(counts, hit, key);
  return counts;
}

function addHit(counts: HitCounts, { activity, labels }: TimedSample, key: string): void {
  counts.total++;
  if (activity === 'runtime') {
    counts.runtime++;
    return;
  }
  // A label key can be `constructor`. Properties that a label set inherits are not labels.
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
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
