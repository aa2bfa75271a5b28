import { allocateCpu } from '../attribution/cpuByHit';
import { Pace, type Steps } from '../base/steps';
import type { ProfileWindow } from '../model/ProfileWindow';
import { WindowFigures } from '../model/WindowFigures';
import { type TimedSample, cpuStoodStill, sparedSamples } from '../model/timeline';
import type { SummedSample } from './ProfileBuilder';

/** A sample that was counted. */
interface Counted {
  readonly timed: TimedSample;
  /** The sum that it was added to. `undefined`: the thread was idle. */
  readonly sum: SummedSample | undefined;
}

/** CPU time that no sample represents, seconds. */
type OtherCpu = Omit<ReturnType<typeof allocateCpu>, 'hitSeconds'>;

/**
 * Counts the samples of windows of one kind. All of these samples weigh the same, and how much is
 * known at the end.
 */
export class SampleTally {
  private readonly figures = new WindowFigures();
  /** Number of samples, and of hits among them, by the index of their sum. */
  private readonly counts: number[] = [];
  private readonly hits: number[] = [];
  private samples = 0;
  private allHits = 0;
  /** Samples that fair sampling saved, see `sparedSamples`. */
  private spared = 0;
  private cpuNanos = 0;
  private last: Counted | undefined;

  /**
   * Counts the samples of a window, in steps.
   * @param sumOf Returns the sum that a sample belongs to; `undefined` for an idle sample.
   */
  *add(
    window: ProfileWindow,
    timeline: readonly TimedSample[],
    sumOf: (sample: TimedSample) => SummedSample | undefined,
  ): Steps<void> {
    this.figures.add(window);
    const { startTime, samplingIntervalMicros } = this.figures.get();
    const waits: number[] = [];
    const pace = new Pace();
    for (const each of timeline) {
      const sum = sumOf(each);
      const timed = this.follow(each, sum);
      this.samples++;
      this.cpuNanos += timed.record.cpuTime ?? 0;
      if (sum === undefined) {
        waits.push(timed.elapsedMicros ?? timed.record.timestamp - startTime * 1000);
      } else {
        add(this.counts, sum.index, 1);
        if (!timed.blocked) this.addHits(sum, 1);
      }
      this.last = { timed, sum };
      if (pace.worked(2)) yield;
    }
    this.spared += sparedSamples(waits, samplingIntervalMicros);
  }

  /** Adds what was counted to the sums, as time. Call it once. */
  addToSums(sums: readonly SummedSample[]): OtherCpu {
    const { durationMillis, ...window } = this.figures.get();
    const { hitSeconds, ...others } = allocateCpu(window, this.allHits, this.cpuNanos / 1e9);
    const wallNanos = (durationMillis * 1e6) / (this.samples + this.spared);
    const cpuNanos = (hitSeconds * 1e9) / this.allHits;
    this.counts.forEach((count, index) => {
      const sum = sums[index]!;
      const hits = this.hits[index] ?? 0;
      sum.count += count;
      sum.wallNanos += count * wallNanos;
      if (hits > 0) sum.cpuNanos += hits * cpuNanos;
    });
    return others;
  }

  /**
   * Returns the sample as part of all windows: the first one of a window follows the last one of
   * the window before. The two can prove that the thread was blocked.
   */
  private follow(timed: TimedSample, sum: SummedSample | undefined): TimedSample {
    const { last } = this;
    if (last === undefined || timed.elapsedMicros !== undefined) return timed;
    const elapsedMicros = timed.record.timestamp - last.timed.record.timestamp;
    // Each window has its own tree.
    const leaf = sum?.stack === last.sum?.stack ? last.timed.leaf : timed.leaf;
    const following = { ...timed, leaf, elapsedMicros };
    if (!cpuStoodStill(last.timed, following)) return following;
    if (last.sum !== undefined && !last.timed.blocked) this.addHits(last.sum, -1);
    return { ...following, blocked: true };
  }

  private addHits(sum: SummedSample, hits: number): void {
    this.allHits += hits;
    add(this.hits, sum.index, hits);
  }
}

function add(counts: number[], index: number, count: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index]! += count;
}
