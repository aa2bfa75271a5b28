import type { CpuAttribution, ProfileWindow } from '@rulescope/profiler';

/** Where CPU time went. All sources sum to the CPU time of the process. */
export const CPU_SOURCES = ['rule', 'unlabeled', 'gc', 'runtime', 'other_threads'] as const;
export type CpuSource = (typeof CPU_SOURCES)[number];

/** The sources within a sampled thread. */
const THREAD_SOURCES = CPU_SOURCES.filter((source) => source !== 'other_threads');

type Parts = Record<CpuSource, number>;

/** Time of a window, and the number of sampled workers beside it. */
type WindowSpan = Pick<ProfileWindow, 'durationMillis' | 'endMonotonicMillis' | 'workers'>;

/** Hold CPU of other threads, and remember a silent worker, for this many longest windows. */
const MAX_HELD_WINDOWS = 3;

/** CPU of other threads in a window of the process. Workers may still report a part of it. */
interface Held {
  /** End of the window by the monotonic clock, milliseconds. */
  readonly endMillis: number;
  seconds: number;
}

/** The last window of a sampled worker. */
interface Worker {
  /** End of the window by the monotonic clock, milliseconds. */
  readonly endMillis: number;
  /** CPU by source, divided by the length of the window. */
  readonly parts: Parts;
}

/**
 * Sums CPU by source over all windows. Pure state, no clock.
 *
 * The windows of the main thread count CPU of sampled workers as `other_threads`. The windows of
 * the workers say where that CPU went, so the ledger moves it there. A counter must not fall, so the
 * ledger moves the CPU before it counts it: it holds back the `other_threads` of each window until
 * the workers have reported the time up to the end of the window. CPU that a worker reports later
 * is a debt. Later windows pay it from their `other_threads`.
 */
export class CpuLedger {
  private readonly seconds = zero();
  private own = zero();
  private readonly workers = new Map<number, Worker>();
  /** Thread ids of the workers that were sampled when the last window of the process ended. */
  private sampledWorkers: readonly number[] = [];
  /** Oldest first. */
  private readonly held: Held[] = [];
  /**
   * CPU of workers, seconds, that no window of the process contains yet, or that the ledger has
   * already counted as `other_threads`.
   */
  private debt = 0;
  /** End of the last window of the process by the monotonic clock, milliseconds. */
  private endMillis = 0;
  /**
   * Length of the longest window, milliseconds. The number of windows does not measure time,
   * because each reader that comes or goes ends one early.
   */
  private longest = 0;

  /** Adds a window of our own thread, which includes the CPU of the process. */
  update(attribution: CpuAttribution, window: WindowSpan): void {
    const parts = partsOf(attribution);
    const { endMonotonicMillis: endMillis, durationMillis, workers = [] } = window;
    this.own = perSecond(parts, durationMillis);
    for (const source of THREAD_SOURCES) this.seconds[source] += parts[source];
    this.held.push({ endMillis, seconds: parts.other_threads });
    this.endMillis = endMillis;
    this.longest = Math.max(this.longest, durationMillis);
    this.sampledWorkers = workers;
    this.settle();
  }

  /** Adds a window of a worker. */
  updateWorker(threadId: number, attribution: CpuAttribution, window: WindowSpan): void {
    const parts = partsOf(attribution);
    const { endMonotonicMillis: endMillis, durationMillis } = window;
    this.workers.set(threadId, { endMillis, parts: perSecond(parts, durationMillis) });
    this.longest = Math.max(this.longest, durationMillis);
    for (const source of THREAD_SOURCES) {
      this.seconds[source] += parts[source];
      this.debt += parts[source];
    }
    this.settle();
  }

  /**
   * Forgets the workers that have ended or have reported nothing for long, and ends their usage.
   *
   * @returns The thread ids of these workers.
   */
  forgetSilentWorkers(): number[] {
    const silent = [...this.workers].filter(
      ([threadId, { endMillis }]) =>
        !this.sampledWorkers.includes(threadId) || this.isOld(endMillis),
    );
    const threadIds = silent.map(([threadId]) => threadId);
    for (const threadId of threadIds) this.workers.delete(threadId);
    return threadIds;
  }

  /**
   * Counts the CPU that is held back, because no window will follow. CPU that a worker reports later
   * is a debt.
   */
  releaseHeld(): void {
    this.sampledWorkers = [];
    this.settle();
  }

  /** Ends all usage, and does what {@link releaseHeld} does. */
  end(): void {
    this.own = zero();
    this.workers.clear();
    this.releaseHeld();
  }

  /**
   * Returns the CPU since the start, seconds. Never falls. While workers are sampled,
   * `other_threads` and the sum over all sources are up to three windows late.
   */
  cpuSeconds(source: CpuSource): number {
    return this.seconds[source];
  }

  /** Returns the CPU in the last window divided by its length, summed over the threads. */
  usage(source: CpuSource): number {
    let sum = this.own[source];
    for (const { parts } of this.workers.values()) {
      if (source !== 'other_threads') sum += parts[source];
      else for (const own of THREAD_SOURCES) sum -= parts[own];
    }
    // The windows of the threads start and end at different times, so the difference can be
    // negative.
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
    const reported = this.reportedUntil();
    for (let first = this.held[0]; first !== undefined; first = this.held[0]) {
      if (first.endMillis > reported && !this.isOld(first.endMillis)) return;
      this.seconds.other_threads += first.seconds;
      this.held.shift();
    }
  }

  /** Returns the time up to which all workers have reported, by the monotonic clock. */
  private reportedUntil(): number {
    const ends = this.sampledWorkers.map((id) => this.workers.get(id)?.endMillis ?? -Infinity);
    return Math.min(...ends);
  }

  private isOld(endMillis: number): boolean {
    return this.endMillis - endMillis >= MAX_HELD_WINDOWS * this.longest;
  }
}

function partsOf(attribution: CpuAttribution): Parts {
  let rule = 0;
  for (const { cpuSeconds } of attribution.labels.values()) rule += cpuSeconds;
  return {
    rule,
    unlabeled: attribution.unlabeled.cpuSeconds,
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
  return { rule: 0, unlabeled: 0, gc: 0, runtime: 0, other_threads: 0 };
}
