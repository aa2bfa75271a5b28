import type { Recording } from '../model/Recording';
import type { WindowCpu } from '../model/ProfileWindow';
import { sampledSeconds, timelineOf } from '../model/timeline';

/** What is known of the CPU in a window. */
export interface CpuReadings {
  /** By the clock of the process. */
  readonly processSeconds: number;
  /** By the clock of the sampled thread, where the system has one. */
  readonly threadClockSeconds: number | undefined;
  /** The process has no other sampled thread. */
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
  // The native side takes all threads with a sampler for this one.
  const { otherThreadsCpuNanos, root } = outcome;
  if (alone && otherThreadsCpuNanos !== undefined)
    return processSeconds - otherThreadsCpuNanos / 1e9;
  return sampledSeconds(timelineOf(root));
}
