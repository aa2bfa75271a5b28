import { blockedSamples } from './blockedSamples';
import type { Activity, TimedSample } from './timelineOf';

/** A sample that tells how to divide CPU, and what it speaks for. */
export interface Hit {
  readonly sample: TimedSample;
  /** The sample's own activity, but for one that V8 calls idle in the midst of work. */
  readonly activity: Exclude<Activity, 'idle'>;
}

/** What the samples of a window say. */
export interface Evidence {
  /** CPU of the thread in the time for which there are samples, seconds. */
  readonly cpuSeconds: number;
  /** The stretches from sample to sample in which the thread ran all the time. */
  readonly busy: {
    /** CPU in them, seconds. */
    readonly cpuSeconds: number;
    readonly hits: readonly Hit[];
  };
  /** CPU that the samples themselves cost while the thread waited, seconds. */
  readonly idleCpuSeconds: number;
  /** Hits in all other stretches: the thread ran for a part of them. */
  readonly partial: readonly Hit[];
}

/** From this share of CPU in the time of a stretch on, the thread ran all the time. */
const BUSY = 0.9;
/** A sample that comes this much later than most was held up. */
const LATE_MICROS = 300;
/** Unless the thread is busy, so many of the stretches that end idle have nothing in them but a sample. */
const EMPTY_SHARE = 0.1;
/** No sample costs more CPU. */
const MAX_SAMPLE_MICROS = 50;
/** Unless so many of the hits are punctual, late ones count as well. */
const PUNCTUAL_SHARE = 0.25;

/** Sorts the samples of a window by what they prove. Pure. See `attributeCpu` for the reasons. */
export function gatherEvidence(timeline: readonly TimedSample[]): Evidence {
  const blocked = blockedSamples(timeline);
  const latestPunctual =
    quantile(
      timeline.map((sample) => sample.elapsedMicros),
      0.5,
    ) + LATE_MICROS;
  const isLate = (sample: TimedSample): boolean => sample.elapsedMicros > latestPunctual;

  const busy: Hit[] = [];
  const running: Hit[] = [];
  const idleMicros: number[] = [];
  let cpuMicros = 0;
  let busyMicros = 0;
  let counted: TimedSample['stretch'] | undefined;
  for (const [index, sample] of timeline.entries()) {
    const { stretch, activity } = sample;
    const idle = activity === 'idle';
    // Work that ends in an idle sample fills the stretch before it by chance; it belongs to the rest of its burst.
    const isBusy = ran(stretch) && !(idle && !ran(timeline[index + 1]?.stretch));
    const cpu = stretch.cpuMicros ?? 0;
    if (stretch !== counted) {
      counted = stretch;
      cpuMicros += cpu;
      if (isBusy) busyMicros += cpu;
    }
    if (isBusy) {
      // The thread was not waiting: it was handling what it had waited for. A late one was held up until the thread went idle.
      if (!idle) busy.push({ sample, activity });
      else if (!isLate(sample)) busy.push({ sample, activity: 'runtime' });
    } else if (idle) {
      idleMicros.push(cpu);
    } else if (!blocked.has(sample)) {
      running.push({ sample, activity });
    }
  }

  const punctual = running.filter(({ sample }) => !isLate(sample));
  return {
    cpuSeconds: cpuMicros / 1e6,
    idleCpuSeconds:
      (Math.min(MAX_SAMPLE_MICROS, quantile(idleMicros, EMPTY_SHARE)) * idleMicros.length) / 1e6,
    busy: { cpuSeconds: busyMicros / 1e6, hits: busy },
    partial: punctual.length >= running.length * PUNCTUAL_SHARE ? punctual : running,
  };
}

/** Whether the thread ran all the time. */
function ran(stretch: TimedSample['stretch'] | undefined): boolean {
  return stretch !== undefined && (stretch.cpuMicros ?? 0) >= stretch.elapsedMicros * BUSY;
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * share)] ?? 0;
}
