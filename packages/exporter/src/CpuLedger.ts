import type { CpuAttribution, ProfileWindow } from '@rulescope/profiler';

/** Where CPU time went. Together they are the CPU time of the process. */
export const CPU_SOURCES = ['rule', 'unlabelled', 'gc', 'runtime', 'other_threads'] as const;
export type CpuSource = (typeof CPU_SOURCES)[number];

/** The sources in a thread that is sampled. */
const THREAD_SOURCES = CPU_SOURCES.filter((source) => source !== 'other_threads');

type Parts = Record<CpuSource, number>;

/** What a window says of its time, and of the workers beside it. */
type WindowSpan = Pick<ProfileWindow, 'durationMillis' | 'endTime' | 'workers'>;

/** CPU of other threads is held, and a silent worker remembered, for this many longest windows. */
const MAX_HELD_WINDOWS = 3;

/** CPU of other threads in a window of the process, to which workers may still lay claim. */
interface Held {
  /** Of the window, milliseconds since the epoch. */
  readonly endTime: number;
  seconds: number;
}

/** What the ledger needs to know of a worker that is sampled. */
interface Worker {
  /** Of its last window, milliseconds since the epoch. */
  readonly endTime: number;
  /** The parts of that window / its length. */
  readonly parts: Parts;
}

/**
 * Sums the parts of all windows. Pure state, no clock.
 *
 * In the windows of the main thread, CPU of sampled workers is CPU of other threads. The workers'
 * own windows say where it went, so it moves there. No counter may fall, so it moves before it is
 * counted: a window's `other_threads` is held back until the workers have reported the time up to
 * the window's end. CPU that a worker reports later still is a debt, which the following windows
 * pay.
 */
export class CpuLedger {
  private readonly seconds = zero();
  private own = zero();
  private readonly workers = new Map<number, Worker>();
  /** Beside the last window of the process. */
  private sampledWorkers = 0;
  /** Oldest first. */
  private readonly held: Held[] = [];
  /**
   * CPU of workers that no window of the process has yet, or that was counted as `other_threads`
   * already, seconds.
   */
  private debt = 0;
  /** Of the last window of the process, milliseconds since the epoch. */
  private endTime = 0;
  /**
   * Length of the longest window, milliseconds. The number of windows is no measure of time,
   * because each reader that comes or goes ends one.
   */
  private longest = 0;

  /** Adds a window of the thread whose windows tell of the process. */
  update(attribution: CpuAttribution, window: WindowSpan): void {
    const parts = partsOf(attribution);
    const { endTime, durationMillis, workers = 0 } = window;
    this.own = perSecond(parts, durationMillis);
    for (const source of THREAD_SOURCES) this.seconds[source] += parts[source];
    this.held.push({ endTime, seconds: parts.other_threads });
    this.endTime = endTime;
    this.longest = Math.max(this.longest, durationMillis);
    this.sampledWorkers = workers;
    this.settle();
  }

  /** Adds a window of a worker. */
  updateWorker(threadId: number, attribution: CpuAttribution, window: WindowSpan): void {
    const parts = partsOf(attribution);
    const { endTime, durationMillis } = window;
    this.workers.set(threadId, { endTime, parts: perSecond(parts, durationMillis) });
    this.longest = Math.max(this.longest, durationMillis);
    for (const source of THREAD_SOURCES) {
      this.seconds[source] += parts[source];
      this.debt += parts[source];
    }
    this.settle();
  }

  /**
   * Forgets workers that have reported nothing for long, so that their last utilization ends.
   *
   * @returns The ids of their threads.
   */
  forgetSilentWorkers(): number[] {
    const silent = [...this.workers].filter(([, { endTime }]) => this.isOld(endTime));
    const threadIds = silent.map(([threadId]) => threadId);
    for (const threadId of threadIds) this.workers.delete(threadId);
    return threadIds;
  }

  /**
   * CPU since the beginning, seconds. Never falls. While workers are sampled, `other_threads` is
   * up to three windows late, and so is the sum.
   */
  cpuSeconds(source: CpuSource): number {
    return this.seconds[source];
  }

  /** CPU in the last window / length of the window, summed over the threads. */
  utilization(source: CpuSource): number {
    let sum = this.own[source];
    for (const { parts } of this.workers.values()) {
      if (source !== 'other_threads') sum += parts[source];
      else for (const own of THREAD_SOURCES) sum -= parts[own];
    }
    // Windows of different threads do not begin and end together.
    return Math.max(0, sum);
  }

  private settle(): void {
    this.payDebt();
    this.release();
  }

  private payDebt(): void {
    for (const held of this.held) {
      const paid = Math.min(held.seconds, this.debt);
      held.seconds -= paid;
      this.debt -= paid;
    }
  }

  private release(): void {
    const told = this.toldUntil();
    for (let first = this.held[0]; first !== undefined; first = this.held[0]) {
      if (first.endTime > told && !this.isOld(first.endTime)) return;
      this.seconds.other_threads += first.seconds;
      this.held.shift();
    }
  }

  /** The time up to which the workers have told what they used, milliseconds since the epoch. */
  private toldUntil(): number {
    if (this.sampledWorkers === 0) return Infinity;
    if (this.workers.size < this.sampledWorkers) return -Infinity;
    return Math.min(...[...this.workers.values()].map(({ endTime }) => endTime));
  }

  private isOld(endTime: number): boolean {
    return this.endTime - endTime >= MAX_HELD_WINDOWS * this.longest;
  }
}

function partsOf(attribution: CpuAttribution): Parts {
  let rule = 0;
  for (const { cpuSeconds } of attribution.labels.values()) rule += cpuSeconds;
  return {
    rule,
    unlabelled: attribution.unlabelled.cpuSeconds,
    gc: attribution.gc.cpuSeconds,
    runtime: attribution.runtime.cpuSeconds,
    other_threads: attribution.otherThreads.cpuSeconds,
  };
}

function perSecond(parts: Parts, durationMillis: number): Parts {
  const seconds = durationMillis / 1000;
  const rates = zero();
  if (seconds > 0) for (const source of CPU_SOURCES) rates[source] = parts[source] / seconds;
  return rates;
}

function zero(): Parts {
  return { rule: 0, unlabelled: 0, gc: 0, runtime: 0, other_threads: 0 };
}
