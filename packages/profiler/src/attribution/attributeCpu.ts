import type { ProfileWindow } from '../model/ProfileWindow';
import { type AllocatedCpu, allocateCpu } from './allocateCpu';
import { type HitCounts, countHits } from './countHits';

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
  /**
   * A guess, in no sum: how much of `gc`, the garbage collection outside any labelled code, it
   * caused. `gc` divided like the collections that began in labelled code, or like the CPU where
   * there were none.
   */
  readonly impliedGcCpuSeconds: number;
}

/**
 * The CPU of a window, divided among the values of a label. All parts together are the CPU of the
 * process.
 */
export interface CpuAttribution {
  /** By value of the label. */
  readonly labels: ReadonlyMap<string, LabelCpuShare>;
  /** JavaScript without the label, and what no sample speaks for. */
  readonly unlabeled: CpuShare;
  /** Garbage collection while no flow with the label was current. */
  readonly gc: CpuShare;
  /** Native code of the thread outside JavaScript, such as the event loop. */
  readonly runtime: CpuShare;
  /** All other threads. Measured, not sampled. */
  readonly otherThreads: { readonly cpuSeconds: number };
  /** CPU of the process in the window, seconds. */
  readonly totalSeconds: number;
}

/** Hits of one part of a merged window, counted by label value, and the CPU that they divide. */
interface CountedShares {
  readonly cpuSeconds: number;
  readonly hits: HitCounts;
}

/**
 * One standard error of what is systematically wrong with a figure, as a share of it. See the rows
 * of `npm run bench:accuracy`; `wakeUps` and `unfair` are judged by them, not fitted.
 */
const SYSTEMATIC_SHARES = {
  /** What fair sampling leaves: the bias of each class is at most 5 %. */
  always: 0.025,
  /** Per share of wake-ups in the thread's CPU: their cost differs from machine to machine. */
  wakeUps: 0.5,
  /**
   * Per share of waiting in the time that the thread could run. Cells `shared`: at a share of
   * nearly a half, biases reach that half, which is two standard errors.
   */
  waiting: 0.5,
  /** Where samples are not fair: side `unfair`. */
  unfair: 0.5,
};

/**
 * Divides the CPU of a window among the values of the label `key`. Pure.
 *
 * The thread's CPU is measured; samples only say how to divide it. Samples come at equal distances
 * in time, whatever the thread does, so each instant of CPU has the same chance of a hit. Of `n`
 * hits of the thread `k` have a label, so the label used the share `k / n` of the CPU that hits can
 * speak for: a ratio estimate (Cochran, Sampling Techniques, ch. 2.11).
 *
 * - The sampler's own CPU values are not summed. Each is what the thread used since the sample
 *   before, whoever used it: where work comes in bursts the sample after a burst is an idle one,
 *   and most of the truth is lost.
 * - Hits can hardly speak for the CPU between a wait for events and JavaScript (kernel and libuv).
 *   Each wake-up has a fixed cost, which is `runtime`.
 * - Idle samples, and those that prove a synchronous call to have been blocked, took time and no
 *   CPU: no hits.
 * - What no hit speaks for (a failed window, one without hits, the time after the last sample of an
 *   incomplete one) is `unlabeled`, so that nothing is lost.
 *
 * It assumes that (1) samples are independent of the work: `window.fair`, and a short time slice
 * for V8's sampling thread where it shares a processor with this one. Without that, short bursts of
 * work get up to all or nothing. And that (2) the thread did not wait for a processor: a thread
 * that can run and waits is hit like one that runs, when it runs again, so bursts long enough to be
 * preempted get too much: `window.contended`.
 *
 * Standard error: binomial, `cpu * sqrt(p * (1 - p) / n)` with `p = (k + 1/2) / (n + 1)`. Bursts
 * longer than a sampling interval are hit more evenly than that. In squares a systematic part is
 * added, a share of the figure, larger where an assumption is violated. Chance averages out over
 * many windows and the systematic part does not: for a sum of windows, add its share of the sum
 * again.
 */
export function attributeCpu(window: ProfileWindow, key: string): CpuAttribution {
  const { processSeconds, otherThreadsSeconds } = window.cpu;
  const allocated = allocateCpu(window);
  const parts = allocated.shares.map(({ cpuSeconds, hits }) => ({
    cpuSeconds,
    hits: countHits(hits, key),
  }));
  const systematicShare = systematicShareOf(window, allocated);

  const share = (hitsIn: (counts: HitCounts) => number): CpuShare => {
    let [cpuSeconds, hits, variance] = [0, 0, 0];
    for (const part of parts) {
      const [k, n] = [hitsIn(part.hits), part.hits.total];
      const p = (k + 0.5) / (n + 1);
      cpuSeconds += (part.cpuSeconds * k) / n;
      hits += k;
      variance += (part.cpuSeconds ** 2 * p * (1 - p)) / n;
    }
    variance += (systematicShare * cpuSeconds) ** 2;
    return { cpuSeconds, hits, standardErrorSeconds: Math.sqrt(variance) };
  };

  const gc = share((counts) => counts.gc);
  const runtime = share((counts) => counts.runtime);
  const unlabeled = share((counts) => counts.unlabeled);
  return {
    labels: divideAmongLabels(parts, share, gc.cpuSeconds),
    unlabeled: {
      ...unlabeled,
      cpuSeconds: unlabeled.cpuSeconds + allocated.unsampledSeconds,
    },
    gc,
    runtime: { ...runtime, cpuSeconds: runtime.cpuSeconds + allocated.wakeUpSeconds },
    otherThreads: { cpuSeconds: otherThreadsSeconds },
    totalSeconds: processSeconds,
  };
}

function systematicShareOf(
  { fair, contended, cpu, waitSeconds = 0 }: ProfileWindow,
  { wakeUpSeconds }: AllocatedCpu,
): number {
  const { always, wakeUps, waiting, unfair } = SYSTEMATIC_SHARES;
  const { threadSeconds } = cpu;
  return Math.hypot(
    always,
    threadSeconds > 0 ? (wakeUps * wakeUpSeconds) / threadSeconds : 0,
    contended ? (waiting * waitSeconds) / (waitSeconds + threadSeconds) : 0,
    fair ? 0 : unfair,
  );
}

function divideAmongLabels(
  parts: readonly CountedShares[],
  share: (hitsIn: (counts: HitCounts) => number) => CpuShare,
  gcCpuSeconds: number,
): Map<string, LabelCpuShare> {
  const values = new Set(parts.flatMap(({ hits }) => [...hits.labels.keys()]));
  const shares = [...values].map((value) => {
    const own = share((counts) => counts.labels.get(value)?.hits ?? 0);
    const inGc = share((counts) => counts.labels.get(value)?.gcHits ?? 0);
    return { value, own, gcCpuSeconds: inGc.cpuSeconds };
  });
  const allGc = shares.reduce((sum, entry) => sum + entry.gcCpuSeconds, 0);
  const all = shares.reduce((sum, entry) => sum + entry.own.cpuSeconds, 0);
  return new Map(
    shares.map(({ value, own, gcCpuSeconds: ownGc }) => {
      const part = allGc > 0 ? ownGc / allGc : all > 0 ? own.cpuSeconds / all : 0;
      return [value, { ...own, gcCpuSeconds: ownGc, impliedGcCpuSeconds: gcCpuSeconds * part }];
    }),
  );
}
