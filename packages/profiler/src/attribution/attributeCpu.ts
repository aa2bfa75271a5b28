import { nonEmptyString } from '../base/validate';
import type { ProfileWindow } from '../model/ProfileWindow';
import { checkWindow } from '../model/checkWindow';
import { cpuByHit } from './cpuByHit';
import { type HitCounts, type Hits, type LabelValueOf, countHits } from './countHits';
import { systematicShareOf } from './systematicShare';

/** Part of the CPU time of a window, with its standard error. */
export interface CpuShare {
  /** CPU time, seconds. */
  readonly cpuSeconds: number;
  /**
   * Number of samples that represent this CPU time. A sample of shared work counts by its share.
   */
  readonly hits: number;
  /** One standard error of `cpuSeconds`, seconds. */
  readonly standardErrorSeconds: number;
}

/** CPU time of one label value. */
export interface LabelCpuShare extends CpuShare {
  /**
   * Part of `cpuSeconds` that was used by garbage collections which began in code with this label
   * value, seconds.
   */
  readonly gcCpuSeconds: number;
  /**
   * Estimate of the part of `gc` that this label value caused, seconds. `gc` is the garbage
   * collection outside labeled code. It is divided in proportion to `gcCpuSeconds`, or in
   * proportion to `cpuSeconds` if no collection began in labeled code. The estimate is not part of
   * `cpuSeconds` or of any sum.
   */
  readonly impliedGcCpuSeconds: number;
}

/**
 * CPU time of a window, divided among the values of a label. `labels`, `unlabeled`, `gc`,
 * `runtime` and `otherThreads` add up to `totalSeconds`.
 */
export interface CpuAttribution {
  /** CPU time by value of the label. */
  readonly labels: ReadonlyMap<string, LabelCpuShare>;
  /** JavaScript without the label, and CPU time that no sample represents. */
  readonly unlabeled: CpuShare;
  /** Garbage collection while no flow with the label was current. */
  readonly gc: CpuShare;
  /**
   * Native code of the thread outside JavaScript, such as the event loop, and the cost of wake-ups.
   */
  readonly runtime: CpuShare;
  /** CPU time of all other threads, seconds. Measured, not sampled. */
  readonly otherThreads: { readonly cpuSeconds: number };
  /** CPU time of the process in the window, seconds. */
  readonly totalSeconds: number;
  /**
   * Share of each figure that is its systematic standard error. It is part of
   * `standardErrorSeconds`. Random errors of several windows average out; this one does not.
   */
  readonly systematicShare: number;
}

/** Hits of one part of a window, counted by label value, and the CPU time that they divide. */
interface CountedShares {
  readonly cpuSeconds: number;
  readonly hits: HitCounts;
}

const NO_HITS: Readonly<Hits> = { hits: 0, squares: 0 };

/**
 * Divides the CPU time of a window among the values of a label. Pure.
 *
 * The CPU time of the thread is measured. Samples only determine how to divide it. They come at
 * equal distances in time, regardless of what the thread does, so each instant of CPU has the same
 * chance of a hit. If `k` of the thread's `n` hits have a label value, that value used the share
 * `k / n` of the CPU time that hits can represent. This is a ratio estimate (Cochran, Sampling
 * Techniques, ch. 2.11).
 *
 * - The CPU values of the sampler are not summed. Each value is the CPU of the thread since the
 *   previous sample, regardless of which code used it. If work comes in bursts, the sample after a
 *   burst is an idle sample, and most of the CPU would go to the wrong place.
 * - Hits can hardly represent the CPU between a wait for events and JavaScript (kernel and libuv).
 *   Each wake-up has a fixed cost instead, which is part of `runtime`.
 * - Idle samples, and samples that prove a synchronous call to be blocked, took time but no CPU.
 *   They are not hits.
 * - CPU that no hit represents is part of `unlabeled`, so that nothing is lost. Examples are a
 *   failed window, a window without hits, and the time after the last sample of an incomplete
 *   window.
 *
 * The estimate has two assumptions:
 *
 * 1. Samples are independent of the work. This needs `window.fair`, and a short time slice for V8's
 *    sampling thread if that thread shares a processor with the sampled thread. Without both, short
 *    bursts of work can get anything from none to all of the CPU.
 * 2. The thread did not wait for a processor, see `window.contended`. A thread that is ready to run
 *    and waits is hit, when it runs again, as if it had run. So bursts that are long enough to be
 *    preempted get too much.
 *
 * The standard error is binomial: `cpu * sqrt(p * (1 - p) / n)` with `p = (k + 1/2) / (n + 1)`. A
 * hit of shared work counts by its share of the label value, so `k` is a sum of shares. Shares are
 * exact, because the user has set them. With `w`, the mean share of the hits weighted by share, the
 * variance is `cpu^2 * p * (w - p) / n` with `p = (k + w/2) / (n + 1)`: `w = 1` is the binomial
 * one, and a value with nothing but the share `w` of some work has `w` times the error of that
 * work. Bursts that are longer than a sampling interval are hit more evenly than that. A systematic
 * error is added in squares. It is a share of the figure and is larger if an assumption is
 * violated. Random errors average out over many windows; systematic errors do not. For a sum of
 * windows, add the systematic share of the sum again.
 *
 * @param window A window of any kind: complete, incomplete, failed or merged.
 * @param key Key of the label, such as `rule`, or a function that returns the value for the labels of
 *   a sample, and `undefined` for a sample that counts as unlabeled.
 * @returns Times in seconds. The map of labels is empty if no hit has the label.
 * @throws InvalidOptionError if `window` is no window, or `key` neither a function nor a
 * non-empty string.
 */
export function attributeCpu(window: ProfileWindow, key: string | LabelValueOf): CpuAttribution {
  checkWindow(window);
  if (typeof key !== 'function') nonEmptyString('key', key);
  const { processSeconds, otherThreadsSeconds } = window.cpu;
  const allocated = cpuByHit(window);
  const parts = allocated.shares.map(({ cpuSeconds, hits }) => ({
    cpuSeconds,
    hits: countHits(hits, key),
  }));
  const systematicShare = systematicShareOf(window, allocated);

  const share = (hitsIn: (counts: HitCounts) => Hits | undefined): CpuShare => {
    let [cpuSeconds, hits, variance] = [0, 0, 0];
    for (const part of parts) {
      const n = part.hits.total;
      const { hits: k, squares } = hitsIn(part.hits) ?? NO_HITS;
      const w = k > 0 ? squares / k : 1;
      const p = (k + w / 2) / (n + 1);
      cpuSeconds += (part.cpuSeconds * k) / n;
      hits += k;
      variance += (part.cpuSeconds ** 2 * p * (w - p)) / n;
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
    systematicShare,
  };
}

function divideAmongLabels(
  parts: readonly CountedShares[],
  share: (hitsIn: (counts: HitCounts) => Hits | undefined) => CpuShare,
  gcCpuSeconds: number,
): Map<string, LabelCpuShare> {
  const values = new Set(parts.flatMap(({ hits }) => [...hits.labels.keys()]));
  const shares = [...values].map((value) => {
    const own = share((counts) => counts.labels.get(value));
    const inGc = share((counts) => counts.labels.get(value)?.gc);
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
