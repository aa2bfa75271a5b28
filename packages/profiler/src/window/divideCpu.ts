import type { CallNode } from './CallNode';
import type { Recording } from '../sampler/Sampler';
import type { WindowCpu } from './ProfileWindow';

/** What is known of the CPU in a window. */
export interface CpuEvidence {
  /** By the clock of the process. */
  readonly processSeconds: number;
  /** By the clock of the sampled thread, where there is one. Each reading is up to a scheduler tick old. */
  readonly threadClockSeconds: number | undefined;
  readonly isMainThread: boolean;
  /** Other threads of the process were sampled as well. */
  readonly othersSampled: boolean;
  readonly outcome: Recording | Error;
}

/** By so much can the two ways to know a thread's CPU differ: scheduler ticks at both borders, and a window's closing. */
const TOLERANCE_SECONDS = 0.02;

/**
 * Divides the CPU of a window between the sampled thread and all others. Pure.
 *
 * The native side knows it best, but on the main thread alone, and only while no other thread is sampled: "other threads" are
 * to it those without a running sampler, and it counts what a thread used before its sampler was started, too. Otherwise
 * the clock of the thread says it, and where there is none, the samples: what it used up to the last of them.
 */
export function divideCpu(evidence: CpuEvidence): WindowCpu {
  const { processSeconds } = evidence;
  const threadSeconds = Math.min(processSeconds, Math.max(0, threadSecondsOf(evidence)));
  return { processSeconds, threadSeconds, otherThreadsSeconds: processSeconds - threadSeconds };
}

function threadSecondsOf(evidence: CpuEvidence): number {
  const { processSeconds, threadClockSeconds, isMainThread, othersSampled, outcome } = evidence;
  const isAlone = isMainThread && !othersSampled;
  // No sample speaks for it anyway: with nobody else to say whose it is, all of it is CPU that is not explained.
  if (outcome instanceof Error) return isAlone ? processSeconds : (threadClockSeconds ?? 0);
  // What the clock lags behind it makes up for in the next window; samples that prove more would count that twice.
  const own = threadClockSeconds ?? sampledSeconds(outcome.root);
  const { otherThreadsCpuNanos } = outcome;
  if (!isAlone || otherThreadsCpuNanos === undefined) return own;
  const byNativeSide = processSeconds - otherThreadsCpuNanos / 1e9;
  // A thread that is sampled without our knowing it shows.
  const isPlausible = threadClockSeconds === undefined || byNativeSide <= own + TOLERANCE_SECONDS;
  return isPlausible ? byNativeSide : own;
}

function sampledSeconds(root: CallNode): number {
  let nanos = 0;
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const sample of node.contexts ?? []) nanos += sample.cpuTime ?? 0;
    for (const child of node.children) pending.push(child);
  }
  return nanos / 1e9;
}
