import type { CpuAttribution } from '@rulescope/profiler';

/** Where CPU time went. Together they are the CPU time of the process. */
export const CPU_SOURCES = ['rule', 'unlabelled', 'gc', 'runtime', 'other_threads'] as const;
export type CpuSource = (typeof CPU_SOURCES)[number];

/** Sums the parts of all windows. Pure state, no clock. */
export class CpuLedger {
  private readonly seconds = zero();
  private last = zero();

  /** Adds a window of `windowSeconds`. */
  update(attribution: CpuAttribution, windowSeconds: number): void {
    const parts = partsOf(attribution);
    for (const source of CPU_SOURCES) {
      this.seconds[source] += parts[source];
      this.last[source] = windowSeconds > 0 ? parts[source] / windowSeconds : 0;
    }
  }

  /** CPU since the beginning, seconds. Never falls. */
  cpuSeconds(source: CpuSource): number {
    return this.seconds[source];
  }

  /** CPU in the last window / length of the window. */
  utilization(source: CpuSource): number {
    return this.last[source];
  }
}

function partsOf(attribution: CpuAttribution): Record<CpuSource, number> {
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

function zero(): Record<CpuSource, number> {
  return { rule: 0, unlabelled: 0, gc: 0, runtime: 0, other_threads: 0 };
}
