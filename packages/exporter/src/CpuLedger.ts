import type { CpuAttribution, ProfileWindow } from '@rulescope/profiler';

/** Where CPU time went. Together they are the CPU time of the process. */
export const CPU_SOURCES = ['rule', 'unlabelled', 'gc', 'runtime', 'other_threads'] as const;
export type CpuSource = (typeof CPU_SOURCES)[number];

/** The sources in a thread that is sampled. */
const THREAD_SOURCES = CPU_SOURCES.filter((source) => source !== 'other_threads');

type Parts = Record<CpuSource, number>;

/** What a window says of its time, and of the workers beside it. */
type WindowSpan = Pick<ProfileWindow, 'durationMillis' | 'endTime' | 'workers'>;

/** Windows of the process for which CPU of other threads is held back at most, for a worker of which nothing is heard. */
const MOST_HELD = 3;

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
 * To the thread whose windows tell of the process (the main thread), what sampled workers use is CPU of other threads. Their own windows
 * say better where it went: it moves. As no counter may fall, it moves before it is counted as `other_threads`: that CPU of a
 * window is held back until every worker has told of the time up to the window's end. What comes later still is a debt to the
 * windows after it.
 */
export class CpuLedger {
  private readonly seconds = zero();
  private own = zero();
  private readonly workers = new Map<number, Worker>();
  /** Oldest first. */
  private readonly held: Held[] = [];
  /** CPU that workers used and that is in no window of the process yet, or was counted as `other_threads` already, seconds. */
  private debt = 0;

  /** Adds a window of the thread whose windows tell of the process. */
  update(attribution: CpuAttribution, window: WindowSpan): void {
    const parts = partsOf(attribution);
    this.own = perSecond(parts, window);
    for (const source of THREAD_SOURCES) this.seconds[source] += parts[source];
    this.held.push({ endTime: window.endTime, seconds: parts.other_threads });
    this.payDebt();
    this.release(window.workers ?? 0);
  }

  /** Adds a window of a worker. */
  updateWorker(threadId: number, attribution: CpuAttribution, window: WindowSpan): void {
    const parts = partsOf(attribution);
    this.workers.set(threadId, { endTime: window.endTime, parts: perSecond(parts, window) });
    for (const source of THREAD_SOURCES) {
      this.seconds[source] += parts[source];
      this.debt += parts[source];
    }
    this.payDebt();
  }

  /** What a worker last used is no longer what it uses, and nothing is held back for it. */
  forgetWorker(threadId: number): void {
    this.workers.delete(threadId);
  }

  /**
   * CPU since the beginning, seconds. Never falls. `other_threads` is some windows late while workers are sampled, and the sum with
   * it.
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

  private payDebt(): void {
    for (const held of this.held) {
      const paid = Math.min(held.seconds, this.debt);
      held.seconds -= paid;
      this.debt -= paid;
    }
  }

  /** @param sampled Workers beside the window that was added last. */
  private release(sampled: number): void {
    const told = sampled === 0 ? Infinity : this.toldUntil(sampled);
    while (this.held.length > 0) {
      const { endTime, seconds } = this.held[0]!;
      if (endTime > told && this.held.length <= MOST_HELD) return;
      this.seconds.other_threads += seconds;
      this.held.shift();
    }
  }

  /** The time up to which all workers have told what they used, milliseconds since the epoch. */
  private toldUntil(sampled: number): number {
    if (this.workers.size < sampled) return -Infinity;
    return Math.min(...[...this.workers.values()].map(({ endTime }) => endTime));
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

function perSecond(parts: Parts, { durationMillis }: WindowSpan): Parts {
  const seconds = durationMillis / 1000;
  const rates = zero();
  if (seconds > 0) for (const source of CPU_SOURCES) rates[source] = parts[source] / seconds;
  return rates;
}

function zero(): Parts {
  return { rule: 0, unlabelled: 0, gc: 0, runtime: 0, other_threads: 0 };
}
