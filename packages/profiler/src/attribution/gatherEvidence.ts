import { blockedSamples } from './blockedSamples';
import type { Activity, TimedSample } from './timelineOf';

/** Hits of one label value. */
interface LabelHits {
  hits: number;
  /** Those among them that were taken while garbage was collected. */
  gcHits: number;
}

/** Hits that tell how to divide a part of the thread's CPU. */
export interface HitCounts {
  readonly labels: Map<string, LabelHits>;
  unlabelled: number;
  gc: number;
  runtime: number;
  total: number;
}

/** What the samples of a window say. */
export interface Evidence {
  /** CPU of the thread in the time for which there are samples, seconds. */
  readonly cpuSeconds: number;
  /** The stretches from sample to sample in which the thread ran all the time. */
  readonly busy: {
    /** CPU in them, seconds. */
    readonly cpuSeconds: number;
    readonly hits: HitCounts;
  };
  /** CPU that the samples themselves cost while the thread waited, seconds. */
  readonly idleCpuSeconds: number;
  /** Hits in all other stretches: the thread ran for a part of them. */
  readonly partial: HitCounts;
}

/** From this share of CPU in the time of a stretch on, the thread ran all the time. */
const BUSY = 0.9;
/** A sample that comes this much later than most was held up. */
const LATE_MICROS = 300;
/** Unless the thread is busy, so many of the stretches that end idle have nothing in them but a sample. */
const EMPTY_SHARE = 0.25;
/** No sample costs more CPU. */
const MAX_SAMPLE_MICROS = 50;
/** Unless so many of the hits are punctual, late ones count as well. */
const PUNCTUAL_SHARE = 0.25;

/** Sorts the samples of a window into hits by the value of the label `key`. Pure. See `attributeCpu` for the reasons. */
export function gatherEvidence(timeline: readonly TimedSample[], key: string): Evidence {
  const blocked = blockedSamples(timeline);
  const latestPunctual =
    quantile(
      timeline.map((sample) => sample.elapsedMicros),
      0.5,
    ) + LATE_MICROS;
  const isLate = (sample: TimedSample): boolean => sample.elapsedMicros > latestPunctual;

  const busy = noHits();
  const running: TimedSample[] = [];
  const idleMicros: number[] = [];
  let cpuMicros = 0;
  let busyMicros = 0;
  let counted: TimedSample['stretch'] | undefined;
  for (const sample of timeline) {
    const { stretch, activity } = sample;
    const cpu = stretch.cpuMicros ?? 0;
    const isBusy = cpu >= stretch.elapsedMicros * BUSY;
    if (stretch !== counted) {
      counted = stretch;
      cpuMicros += cpu;
      if (isBusy) busyMicros += cpu;
    }
    if (isBusy) {
      // The thread was not waiting: it was handling what it had waited for. A late one was held up until the thread went idle.
      if (activity !== 'idle') addHit(busy, sample, activity, key);
      else if (!isLate(sample)) addHit(busy, sample, 'runtime', key);
    } else if (activity === 'idle') {
      idleMicros.push(cpu);
    } else if (!blocked.has(sample)) {
      running.push(sample);
    }
  }

  const punctual = running.filter((sample) => !isLate(sample));
  const partial = noHits();
  for (const sample of punctual.length >= running.length * PUNCTUAL_SHARE ? punctual : running) {
    addHit(partial, sample, sample.activity, key);
  }
  return {
    cpuSeconds: cpuMicros / 1e6,
    idleCpuSeconds:
      (Math.min(MAX_SAMPLE_MICROS, quantile(idleMicros, EMPTY_SHARE)) * idleMicros.length) / 1e6,
    busy: { cpuSeconds: busyMicros / 1e6, hits: busy },
    partial,
  };
}

function addHit(counts: HitCounts, sample: TimedSample, activity: Activity, key: string): void {
  counts.total++;
  if (activity === 'runtime') {
    counts.runtime++;
    return;
  }
  const { labels } = sample;
  // A label may be called `constructor`: what a set of labels inherits is none of its labels.
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (value === undefined) {
    if (activity === 'gc') counts.gc++;
    else counts.unlabelled++;
    return;
  }
  let entry = counts.labels.get(value);
  if (entry === undefined) counts.labels.set(value, (entry = { hits: 0, gcHits: 0 }));
  entry.hits++;
  if (activity === 'gc') entry.gcHits++;
}

function noHits(): HitCounts {
  return { labels: new Map(), unlabelled: 0, gc: 0, runtime: 0, total: 0 };
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * share)] ?? 0;
}
