import type { WindowCpu } from '../model/ProfileWindow';
import type { Recording } from '../model/Recording';
import { sampledSeconds, timelineOf } from '../model/timeline';

/** The CPU figures of a window. */
export interface CpuReadings {
  /** By the clock of the process. */
  readonly processSeconds: number;
  /** By the clock of the sampled thread. `undefined` if the system has none. */
  readonly threadClockSeconds: number | undefined;
  /** Whether no other thread of the process is sampled. */
  readonly alone: boolean;
  readonly outcome: Recording | Error;
}

/** Splits the CPU of a window between the sampled thread and all others. Pure. */
export function splitProcessCpu(readings: CpuReadings): WindowCpu {
  const { processSeconds } = readings;
  const threadSeconds = Math.min(processSeconds, Math.max(0, threadSecondsOf(readings)));
  return { processSeconds, threadSeconds, otherThreadsSeconds: processSeconds - threadSeconds };
}

function threadSecondsOf({
  processSeconds,
  threadClockSeconds,
  alone,
  outcome,
}: CpuReadings): number {
  if (threadClockSeconds !== undefined) return threadClockSeconds;
  if (outcome instanceof Error) return alone ? processSeconds : 0;
  // The native sampler counts all sampled threads as this one, so its figure is right only if this
  // thread is the only sampled one.
  const { otherThreadsCpuNanos, root } = outcome;
  if (alone && otherThreadsCpuNanos !== undefined)
    return processSeconds - otherThreadsCpuNanos / 1e9;
  return sampledSeconds(timelineOf(root));
}
