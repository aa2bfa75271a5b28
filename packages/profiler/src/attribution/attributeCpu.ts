import type { ProfileWindow } from '../window/ProfileWindow';
import { countHits } from './countHits';

/** A part of a window's CPU and how well it is known. */
export interface CpuShare {
  /** CPU time, seconds. */
  readonly cpuSeconds: number;
  /** Samples behind it. */
  readonly hits: number;
  /** One standard error of `cpuSeconds`, seconds. */
  readonly standardErrorSeconds: number;
}

/** The part of one label value. */
export interface LabelCpuShare extends CpuShare {
  /** The part of `cpuSeconds` that went into garbage collections which began in its own code. */
  readonly gcCpuSeconds: number;
}

/** The CPU of a window, divided among the values of a label. All parts together are the CPU of the process. */
export interface CpuAttribution {
  /** By value of the label. */
  readonly labels: ReadonlyMap<string, LabelCpuShare>;
  /** JavaScript without the label, and what no sample speaks for. */
  readonly unlabelled: CpuShare;
  /** Garbage collection while no flow with the label was current. */
  readonly gc: CpuShare;
  /** Native code of the thread outside JavaScript, such as the event loop. */
  readonly runtime: CpuShare;
  /** All other threads. Measured, not sampled. */
  readonly otherThreads: { readonly cpuSeconds: number };
  /** CPU of the process in the window, seconds. */
  readonly totalSeconds: number;
}

/**
 * Divides the CPU of a window among the values of the label `key`. Pure.
 *
 * The thread's CPU `T` is measured; the samples only say how to divide it. A label with `k` of the `n` on-CPU hits gets
 * `T * k / n`. The CPU values that the sampler stores with each sample are *not* summed: such a value is the CPU used since
 * the sample before, whoever used it, and where work comes in bursts the sample after a burst is an idle one.
 *
 * Standard error: `n` given, `k` is binomial, hence `T * sqrt(p * (1 - p) / n)` with `p = k / n` (for a small
 * share that is `cpuSeconds / sqrt(k)`).
 *
 * What no hit speaks for (a failed window, one without hits) is in `unlabelled`, so that nothing is lost.
 */
export function attributeCpu(window: ProfileWindow, key: string): CpuAttribution {
  const { processSeconds, threadSeconds, otherThreadsSeconds } = window.cpu;
  const counts = window.root === undefined ? undefined : countHits(window.root, key);
  const total = counts?.total ?? 0;

  const share = (hits: number): CpuShare => {
    const p = total === 0 ? 0 : hits / total;
    return {
      cpuSeconds: threadSeconds * p,
      hits,
      standardErrorSeconds: total === 0 ? 0 : threadSeconds * Math.sqrt((p * (1 - p)) / total),
    };
  };

  const labels = new Map<string, LabelCpuShare>();
  for (const [value, { hits, gcHits }] of counts?.labels ?? []) {
    labels.set(value, { ...share(hits), gcCpuSeconds: share(gcHits).cpuSeconds });
  }
  const unlabelled = share(counts?.unlabelled ?? 0);
  return {
    labels,
    unlabelled: total === 0 ? { ...unlabelled, cpuSeconds: threadSeconds } : unlabelled,
    gc: share(counts?.gc ?? 0),
    runtime: share(counts?.runtime ?? 0),
    otherThreads: { cpuSeconds: otherThreadsSeconds },
    totalSeconds: processSeconds,
  };
}
