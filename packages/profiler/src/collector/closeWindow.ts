import type { CallNode } from '../model/CallNode';
import { jumpMillis } from '../base/Moment';
import type { ClockReading } from '../model/ClockReading';
import type { IncompleteReason, ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import type { Recording } from '../model/Recording';
import { toWindowError } from '../model/WindowError';
import { freezeWindow } from '../model/freezeWindow';
import { isContended, wakeUpSeconds } from '../model/scheduling';
import { hitsOf, timelineOf } from '../model/timeline';
import { splitProcessCpu } from './splitProcessCpu';

/** What a window is built from. */
export interface WindowParts {
  readonly origin: WindowOrigin;
  readonly sequence: number;
  readonly start: ClockReading;
  readonly end: ClockReading;
  /** Planned length of the window, milliseconds. `undefined`: the window was closed on request. */
  readonly plannedMillis?: number | undefined;
  readonly samplingIntervalMicros: number;
  readonly pauseSeconds: number;
  /** Ids of the worker threads that are sampled in windows of their own at the same time. */
  readonly workers?: readonly number[] | undefined;
  /** The recording, or the error if there is none. */
  readonly outcome: Recording | Error;
}

/**
 * A window that closes later than planned by more than this was closed by a stalled event loop. The
 * larger of the two limits applies.
 */
const STALL_MILLIS = 250;
const STALL_SHARE = 0.1;

/** With fewer expected hits, their number is left to chance: its standard error is 14 % here. */
const MIN_EXPECTED_HITS = 50;

/**
 * A thread that uses CPU for at least so many intervals gets samples, unless something keeps the
 * signals from it: other code that has replaced the handler of SIGPROF, for example. Samples of CPU
 * have a Poisson distribution at worst, so the chance of less than a quarter is 2 in 100,000. A
 * thread that waits gets further samples.
 */
const MIN_INTERVALS = 20;
const MIN_SAMPLED_SHARE = 0.25;

/** Builds the window and freezes it. Pure. */
export function closeWindow(parts: WindowParts): ProfileWindow {
  const { origin, start, end, outcome, sequence, samplingIntervalMicros, pauseSeconds } = parts;
  const durationMillis = end.monotonicMillis - start.monotonicMillis;
  const processSeconds = Math.max(0, end.processCpuSeconds - start.processCpuSeconds);
  const { workers = [] } = parts;
  const cpu = splitProcessCpu({
    processSeconds,
    threadClockSeconds: difference(start.thread?.cpuSeconds, end.thread?.cpuSeconds),
    alone: origin.threadId === 0 && workers.length === 0,
    outcome,
  });
  const waitSeconds = difference(start.thread?.waitSeconds, end.thread?.waitSeconds);
  const common = {
    origin,
    sequence,
    startTime: start.epochMillis + jumpMillis(start, end),
    endTime: end.epochMillis,
    endMonotonicMillis: end.monotonicMillis,
    durationMillis,
    samplingIntervalMicros,
    pauseSeconds,
    cpu,
    waitSeconds,
    timeslices: difference(start.thread?.timeslices, end.thread?.timeslices),
    contended: isContended(waitSeconds, cpu.threadSeconds, samplingIntervalMicros),
    ...(workers.length > 0 && { workers }),
  };
  if (outcome instanceof Error) {
    return freezeWindow({
      ...common,
      samples: { taken: 0, lost: 0 },
      complete: false,
      incompleteReason: undefined,
      error: toWindowError(outcome),
      fair: false,
      quality: undefined,
      root: undefined,
    });
  }
  const expected = expectedHits(common);
  const silent = expected >= MIN_INTERVALS && outcome.samplesTaken < expected * MIN_SAMPLED_SHARE;
  const reason = reasonOf(outcome, durationMillis, parts.plannedMillis);
  // A full buffer and a stall explain missing samples better.
  const incompleteReason = reason ?? (silent ? 'stuck' : undefined);
  return freezeWindow({
    ...common,
    samples: {
      taken: outcome.samplesTaken,
      lost:
        outcome.overflowed || incompleteReason === 'stuck'
          ? Math.max(0, Math.floor(expected) - outcome.samplesTaken)
          : 0,
    },
    complete: incompleteReason === undefined,
    incompleteReason,
    error: undefined,
    fair: outcome.fair,
    quality: incompleteReason === undefined ? qualityOf(outcome.root, expected) : undefined,
    root: outcome.root,
  });
}

/** Returns the number of samples that the CPU of the window should have produced. */
function expectedHits({
  cpu: { threadSeconds },
  timeslices,
  samplingIntervalMicros,
}: Pick<ProfileWindow, 'cpu' | 'timeslices' | 'samplingIntervalMicros'>): number {
  const seconds = threadSeconds - wakeUpSeconds(timeslices, threadSeconds);
  return (seconds * 1e6) / samplingIntervalMicros;
}

function qualityOf(root: CallNode, expected: number): number | undefined {
  return expected < MIN_EXPECTED_HITS ? undefined : hitsOf(timelineOf(root)).length / expected;
}

function reasonOf(
  { overflowed, stuck }: Recording,
  durationMillis: number,
  plannedMillis = durationMillis,
): IncompleteReason | undefined {
  if (stuck) return 'stuck';
  if (overflowed) return 'overflow';
  const late = durationMillis - plannedMillis;
  return late > Math.max(STALL_MILLIS, plannedMillis * STALL_SHARE) ? 'stall' : undefined;
}

function difference(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}
