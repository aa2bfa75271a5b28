import { sum } from '../base/sum';
import type { ProfileWindow } from '../model/ProfileWindow';
import { wakeUpSeconds } from '../model/scheduling';
import { type TimedSample, hitsOf, sampledSeconds, timelineOf } from '../model/timeline';

/** CPU time of the thread and the hits that divide it. Each hit has an equal share. */
interface HitShares {
  readonly cpuSeconds: number;
  /** Never empty. */
  readonly hits: readonly TimedSample[];
}

/**
 * CPU time of a window's thread, allocated to its samples. All parts add up to
 * `window.cpu.threadSeconds`.
 */
export interface CpuByHit {
  /**
   * One element for each part of the window that has hits. Only a merged window can have several
   * parts.
   */
  readonly shares: readonly HitShares[];
  /** CPU time of wake-ups before JavaScript ran, seconds. */
  readonly wakeUpSeconds: number;
  /** CPU time that no sample represents, seconds. */
  readonly unsampledSeconds: number;
}

/**
 * Allocates the CPU time of a window's thread to its samples. Pure. See `attributeCpu` for the
 * reasons.
 */
export function cpuByHit(window: ProfileWindow): CpuByHit {
  if (window.parts === undefined) return allocatePart(window);
  const parts = window.parts.map(allocatePart);
  return {
    shares: parts.flatMap(({ shares }) => shares),
    wakeUpSeconds: sum(parts, ({ wakeUpSeconds }) => wakeUpSeconds),
    unsampledSeconds: sum(parts, ({ unsampledSeconds }) => unsampledSeconds),
  };
}

function allocatePart(window: ProfileWindow): CpuByHit {
  const timeline = window.root === undefined ? [] : timelineOf(window.root);
  const hits = hitsOf(timeline);
  const { hitSeconds, ...others } = allocateCpu(window, hits.length, sampledSeconds(timeline));
  return { shares: hits.length > 0 ? [{ cpuSeconds: hitSeconds, hits }] : [], ...others };
}

/**
 * Allocates the CPU time of a window's thread to its hits, its wake-ups and the rest. Pure.
 *
 * @param sampled CPU time up to the last sample, seconds.
 */
export function allocateCpu(
  { cpu, complete, timeslices = 0 }: Pick<ProfileWindow, 'cpu' | 'complete' | 'timeslices'>,
  hits: number,
  sampled: number,
): Omit<CpuByHit, 'shares'> & { readonly hitSeconds: number } {
  const { threadSeconds } = cpu;
  // The samples of an incomplete window represent only the time up to the last sample.
  const cpuSeconds = complete ? threadSeconds : Math.min(threadSeconds, sampled);
  const sampledShare = threadSeconds > 0 ? cpuSeconds / threadSeconds : 0;
  const wakeUps = wakeUpSeconds(timeslices * sampledShare, cpuSeconds);
  const hitSeconds = hits > 0 ? cpuSeconds - wakeUps : 0;
  return {
    hitSeconds,
    wakeUpSeconds: wakeUps,
    unsampledSeconds: threadSeconds - wakeUps - hitSeconds,
  };
}
