import { sum } from '../base/sum';
import type { ProfileWindow } from '../model/ProfileWindow';
import { type TimedSample, hitsOf, sampledSeconds, timelineOf } from '../model/timeline';
import { wakeUpSeconds } from '../model/scheduling';

/** CPU of the thread and the hits that divide it, each of which has an equal share. */
interface HitShares {
  readonly cpuSeconds: number;
  /** At least one. */
  readonly hits: readonly TimedSample[];
}

/**
 * The CPU of a window's thread, allocated to its samples. All parts together are
 * `window.cpu.threadSeconds`.
 */
export interface AllocatedCpu {
  /** One for each part of a merged window. */
  readonly shares: readonly HitShares[];
  /** What waking up cost the thread before JavaScript ran, seconds. */
  readonly wakeUpSeconds: number;
  /** What no sample speaks for, seconds. */
  readonly unsampledSeconds: number;
}

/**
 * Allocates the CPU of a window's thread to its samples. Pure. See `attributeCpu` for the reasons.
 */
export function allocateCpu(window: ProfileWindow): AllocatedCpu {
  if (window.parts === undefined) return allocatePart(window);
  const parts = window.parts.map(allocatePart);
  return {
    shares: parts.flatMap(({ shares }) => shares),
    wakeUpSeconds: sum(parts, ({ wakeUpSeconds }) => wakeUpSeconds),
    unsampledSeconds: sum(parts, ({ unsampledSeconds }) => unsampledSeconds),
  };
}

function allocatePart({ cpu, root, complete, timeslices = 0 }: ProfileWindow): AllocatedCpu {
  const { threadSeconds } = cpu;
  const timeline = root === undefined ? [] : timelineOf(root);
  const hits = hitsOf(timeline);
  // The samples of an incomplete window speak for the time until they end.
  const cpuSeconds = complete ? threadSeconds : Math.min(threadSeconds, sampledSeconds(timeline));
  const sampledShare = threadSeconds > 0 ? cpuSeconds / threadSeconds : 0;
  const wakeUps = wakeUpSeconds(timeslices * sampledShare, cpuSeconds);
  const divided = hits.length > 0 ? cpuSeconds - wakeUps : 0;
  return {
    shares: hits.length > 0 ? [{ cpuSeconds: divided, hits }] : [],
    wakeUpSeconds: wakeUps,
    unsampledSeconds: threadSeconds - wakeUps - divided,
  };
}
