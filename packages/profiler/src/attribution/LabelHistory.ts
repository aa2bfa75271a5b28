import type { ProfileWindow } from '../model/ProfileWindow';
import type { CpuAttribution, CpuShare } from './attributeCpu';

/** CPU of one label value, or of one kind of code, over a stretch of time. */
class CpuSum implements CpuShare {
  cpuSeconds = 0;
  hits = 0;
  private randomVariance = 0;
  private systematicSeconds = 0;

  /** Random errors average out over many windows. Systematic errors do not, so they add up. */
  get standardErrorSeconds(): number {
    return Math.sqrt(this.randomVariance + this.systematicSeconds ** 2);
  }

  /** Adds the share that one window has. */
  addShare({ cpuSeconds, hits, standardErrorSeconds }: CpuShare, systematicShare: number): void {
    const systematic = systematicShare * cpuSeconds;
    this.cpuSeconds += cpuSeconds;
    this.hits += hits;
    this.randomVariance += Math.max(0, standardErrorSeconds ** 2 - systematic ** 2);
    this.systematicSeconds += systematic;
  }

  add(sum: CpuSum): void {
    this.cpuSeconds += sum.cpuSeconds;
    this.hits += sum.hits;
    this.randomVariance += sum.randomVariance;
    this.systematicSeconds += sum.systematicSeconds;
  }
}

/** The kinds of code that no label value owns. */
const KINDS = ['unlabeled', 'gc', 'runtime'] as const;

/** The CPU of some consecutive windows. */
class Stretch {
  /** Length, by windows of the own thread. */
  seconds = 0;
  processCpuSeconds = 0;
  endTime = 0;
  readonly labels = new Map<string, CpuSum>();
  /** Label values that are not kept apart. */
  readonly otherLabels = new CpuSum();
  readonly unlabeled = new CpuSum();
  readonly gc = new CpuSum();
  readonly runtime = new CpuSum();

  /** Returns the sum of a label value. The first call creates it. */
  sumOf(value: string): CpuSum {
    const sum = this.labels.get(value) ?? new CpuSum();
    this.labels.set(value, sum);
    return sum;
  }

  /** Keeps the `max` label values with the most CPU, and adds the others to `otherLabels`. */
  keepLargest(max: number): void {
    if (this.labels.size <= max) return;
    for (const [value, sum] of sorted(this.labels).slice(max)) {
      this.labels.delete(value);
      this.otherLabels.add(sum);
    }
  }
}

/** CPU per label value over the newest windows. */
export interface LabelUsage extends Pick<Stretch, (typeof KINDS)[number] | 'otherLabels'> {
  /** Sampled time that the figures cover. */
  readonly seconds: number;
  /** End of the newest window of the own thread, milliseconds since the epoch. */
  readonly endTime: number;
  /** CPU of the process in that time, all threads and all kinds of code. */
  readonly processCpuSeconds: number;
  /** The values with the most CPU, most first. All other values are in `otherLabels`. */
  readonly labels: readonly (readonly [value: string, share: CpuShare])[];
}

/** Shorter windows are added up to stretches of at least this length. Default windows take 5 s. */
const STRETCH_SECONDS = 4;
/** Share of a stretch. Windows are some microseconds longer or shorter than planned. */
const TOLERANCE = 0.05;

/** Keeps the CPU per label value of the newest windows of a thread and its workers. Pure. */
export class LabelHistory {
  /** The oldest first. */
  private readonly stretches: Stretch[] = [];

  /**
   * @param threadId The own thread. Its windows make up the time that the history covers.
   * @param maxSeconds The history covers at least this time, once it has gone on for so long.
   * @param maxValues Label values kept apart in each stretch: those with the most CPU. A value with
   *   more than `1 / maxValues` of the labeled CPU of a window is one of them.
   */
  constructor(
    private readonly threadId: number,
    private readonly maxSeconds: number,
    private readonly maxValues: number,
  ) {}

  /** Whether no window of the own thread was added. */
  get isEmpty(): boolean {
    return (this.stretches.at(-1)?.endTime ?? 0) === 0;
  }

  /** Adds a window, which `attribution` divides. Windows of workers count as of the newest time. */
  add({ origin, durationMillis, endTime }: ProfileWindow, attribution: CpuAttribution): void {
    const own = origin.threadId === this.threadId;
    const stretch = this.stretchFor(own);
    if (own) {
      stretch.seconds += durationMillis / 1000;
      stretch.endTime = endTime;
      stretch.processCpuSeconds += attribution.totalSeconds;
    }
    const { systematicShare } = attribution;
    for (const kind of KINDS) stretch[kind].addShare(attribution[kind], systematicShare);
    for (const [value, share] of attribution.labels) {
      stretch.sumOf(value).addShare(share, systematicShare);
    }
    stretch.keepLargest(this.maxValues);
  }

  /** Returns the newest windows that cover `seconds`, or all if they cover less. */
  over(seconds: number, maxValues: number): LabelUsage {
    const total = new Stretch();
    for (const stretch of this.stretches.toReversed()) {
      if (seconds - total.seconds <= TOLERANCE * stretch.seconds) break;
      total.seconds += stretch.seconds;
      total.processCpuSeconds += stretch.processCpuSeconds;
      // Not the latest: the wall clock may have been set back since.
      total.endTime ||= stretch.endTime;
      total.otherLabels.add(stretch.otherLabels);
      for (const kind of KINDS) total[kind].add(stretch[kind]);
      for (const [value, sum] of stretch.labels) total.sumOf(value).add(sum);
    }
    total.keepLargest(maxValues);
    return { ...total, labels: sorted(total.labels) };
  }

  /** Returns the newest stretch, or a new one when it is long enough for `own` windows. */
  private stretchFor(own: boolean): Stretch {
    const newest = this.stretches.at(-1);
    if (newest !== undefined && !(own && newest.seconds >= STRETCH_SECONDS)) return newest;
    const added = new Stretch();
    this.stretches.push(added);
    let kept = 0;
    const first = this.stretches.findLastIndex(({ seconds }) => {
      const enough = kept >= this.maxSeconds;
      kept += seconds;
      return enough;
    });
    this.stretches.splice(0, first + 1);
    return added;
  }
}

function sorted(labels: ReadonlyMap<string, CpuSum>): [string, CpuSum][] {
  return [...labels].sort(([, a], [, b]) => b.cpuSeconds - a.cpuSeconds);
}
