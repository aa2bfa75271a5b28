import type { ProfileWindow } from '../window/ProfileWindow';
import { apportionCpu } from './apportionCpu';
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
   * A guess, in no sum: how much of `gc`, the garbage collection outside any labelled code, it caused. `gc` divided like
   * the collections that began in labelled code, or like the CPU where there were none.
   */
  readonly impliedGcCpuSeconds: number;
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

/** A part of the thread's CPU and the hits that divide it. */
interface CountedStratum {
  readonly cpuSeconds: number;
  readonly hits: HitCounts;
}

/**
 * Divides the CPU of a window among the values of the label `key`. Pure.
 *
 * The thread's CPU is measured; the samples only say how to divide it. The CPU value that the sampler stores with a sample is
 * what the thread used since the sample before, whoever used it: where work comes in bursts, the sample after a
 * burst is an idle one, and the sum of those values by label misses most of the truth. So this is a ratio
 * estimate, stratified (Cochran, Sampling Techniques, ch. 5 and 6):
 *
 * - *Busy* stretches, from one sample to the next with the thread running all the time: their measured CPU is
 *   divided by the hits at their ends. One that V8 calls idle there is the event loop handling events: `runtime`.
 * - Waking a waiting thread to sample it takes some tens of microseconds, which is seen where nothing else happened between two
 *   samples: `runtime`.
 * - All other CPU is divided by the hits in the other stretches. Left out are hits that prove a synchronous call to have
 *   been blocked, which took time and no CPU, and late hits: where V8's sampling thread has to wait for the sampled
 *   thread's processor (few cores, virtual machines), a short burst is over before it gets its turn and a long one is not,
 *   so late hits speak for long bursts alone.
 *
 * Standard error: in each stratum a label with `k` of `n` hits has a binomial share, hence
 * `cpu * sqrt(p * (1 - p) / n)` with `p = (k + 1/2) / (n + 1)`; the strata add up in squares.
 *
 * What no hit speaks for (a failed window, one without hits, the time behind the last sample of an incomplete one) is in
 * `unlabelled`, so that nothing is lost.
 */
export function attributeCpu(window: ProfileWindow, key: string): CpuAttribution {
  const { processSeconds, otherThreadsSeconds } = window.cpu;
  const apportioned = apportionCpu(window);
  const strata = apportioned.strata.map(({ cpuSeconds, hits }) => ({
    cpuSeconds,
    hits: countHits(hits, key),
  }));

  const share = (hitsIn: (counts: HitCounts) => number): CpuShare => {
    let [cpuSeconds, hits, variance] = [0, 0, 0];
    for (const stratum of strata) {
      const [k, n] = [hitsIn(stratum.hits), stratum.hits.total];
      const p = (k + 0.5) / (n + 1);
      cpuSeconds += (stratum.cpuSeconds * k) / n;
      hits += k;
      variance += (stratum.cpuSeconds ** 2 * p * (1 - p)) / n;
    }
    return { cpuSeconds, hits, standardErrorSeconds: Math.sqrt(variance) };
  };

  const gc = share((counts) => counts.gc);
  const runtime = share((counts) => counts.runtime);
  const unlabelled = share((counts) => counts.unlabelled);
  return {
    labels: divideAmongLabels(strata, share, gc.cpuSeconds),
    unlabelled: {
      ...unlabelled,
      cpuSeconds: unlabelled.cpuSeconds + apportioned.unsampledSeconds,
    },
    gc,
    runtime: { ...runtime, cpuSeconds: runtime.cpuSeconds + apportioned.samplingSeconds },
    otherThreads: { cpuSeconds: otherThreadsSeconds },
    totalSeconds: processSeconds,
  };
}

function divideAmongLabels(
  strata: readonly CountedStratum[],
  share: (hitsIn: (counts: HitCounts) => number) => CpuShare,
  gcCpuSeconds: number,
): Map<string, LabelCpuShare> {
  const values = new Set(strata.flatMap(({ hits }) => [...hits.labels.keys()]));
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
