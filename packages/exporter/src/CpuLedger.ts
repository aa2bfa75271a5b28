import type { CpuAttribution } from '@rulescope/profiler';

/** Where CPU time went. Together they are the CPU time of the process. */
export const CPU_SOURCES = ['rule', 'unlabelled', 'gc', 'runtime', 'other_threads'] as const;
export type CpuSource = (typeof CPU_SOURCES)[number];

/** The sources in a thread that is sampled. */
const THREAD_SOURCES = CPU_SOURCES.filter((source) => source !== 'other_threads');

type Parts = Record<CpuSource, number>;

/**
 * Sums the parts of all windows. Pure state, no clock.
 *
 * To the thread whose windows tell of the process (the main thread), what sampled workers use is CPU of other threads. Their own windows
 * say better where it went: it moves. As no counter may fall, it moves before it is counted as `other_threads`: while workers are
 * sampled, that CPU of a window is held back until the next, and what still comes later is a debt to the windows after it.
 */
export class CpuLedger {
  private readonly seconds = zero();
  private own = zero();
  /** By thread: the last window's parts / its length. */
  private readonly workers = new Map<number, Parts>();
  /** CPU of other threads that workers may still lay claim to, seconds. */
  private held = 0;
  /** CPU that workers used and that is in no window of the process yet, or was counted as `other_threads` already, seconds. */
  private debt = 0;

  /**
   * Adds a window of `windowSeconds` of the thread whose windows tell of the process.
   *
   * @param workers Worker threads that are sampled beside it.
   */
  update(attribution: CpuAttribution, windowSeconds: number, workers = 0): void {
    const parts = partsOf(attribution);
    this.own = perSecond(parts, windowSeconds);
    for (const source of THREAD_SOURCES) this.seconds[source] += parts[source];
    this.seconds.other_threads += this.held;
    this.held = parts.other_threads;
    this.payDebt();
    if (workers > 0) return;
    this.seconds.other_threads += this.held;
    this.held = 0;
  }

  /** Adds a window of `windowSeconds` of a worker. */
  updateWorker(threadId: number, attribution: CpuAttribution, windowSeconds: number): void {
    const parts = partsOf(attribution);
    this.workers.set(threadId, perSecond(parts, windowSeconds));
    for (const source of THREAD_SOURCES) {
      this.seconds[source] += parts[source];
      this.debt += parts[source];
    }
    this.payDebt();
  }

  /** What a worker last used is no longer what it uses. */
  forgetWorker(threadId: number): void {
    this.workers.delete(threadId);
  }

  /**
   * CPU since the beginning, seconds. Never falls. `other_threads` may be a window late while workers are sampled, and the sum with
   * it.
   */
  cpuSeconds(source: CpuSource): number {
    return this.seconds[source];
  }

  /** CPU in the last window / length of the window, summed over the threads. */
  utilization(source: CpuSource): number {
    let sum = this.own[source];
    for (const parts of this.workers.values()) {
      if (source !== 'other_threads') sum += parts[source];
      else for (const own of THREAD_SOURCES) sum -= parts[own];
    }
    // Windows of different threads do not begin and end together.
    return Math.max(0, sum);
  }

  private payDebt(): void {
    const paid = Math.min(this.held, this.debt);
    this.held -= paid;
    this.debt -= paid;
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

function perSecond(parts: Parts, seconds: number): Parts {
  const rates = zero();
  if (seconds > 0) for (const source of CPU_SOURCES) rates[source] = parts[source] / seconds;
  return rates;
}

function zero(): Parts {
  return { rule: 0, unlabelled: 0, gc: 0, runtime: 0, other_threads: 0 };
}
