import type { Recording } from '../sampler/Sampler';
import type { CallNode } from './CallNode';
import type { IncompleteReason, ProfileWindow, WindowOrigin } from './ProfileWindow';
import { freezeWindow } from './freezeWindow';
import { splitProcessCpu } from './splitProcessCpu';
import { hitsOf, timelineOf } from './timelineOf';
import { wakeUpSeconds } from './wakeUpSeconds';

/** What the kernel counts of a thread since it began. */
export interface ThreadTimes {
  readonly cpuSeconds: number;
  /** Time for which it could run and waited for a processor. Linux only. */
  readonly waitSeconds?: number;
  /** Times it was put on a processor, after a wait for events or for its turn. Linux only. */
  readonly timeslices?: number;
}

/** The clocks at a border between two windows. */
export interface Border {
  /** Milliseconds since the epoch. */
  readonly epochMillis: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMillis: number;
  /** CPU the process has used since it began, seconds. */
  readonly processCpuSeconds: number;
  /** Of the sampled thread, where the system tells. */
  readonly thread?: ThreadTimes | undefined;
}

/** What a window is made of. */
export interface WindowParts {
  readonly origin: WindowOrigin;
  readonly sequence: number;
  readonly start: Border;
  readonly end: Border;
  /** How long it was to be, milliseconds; `undefined` when it was closed on request. */
  readonly plannedMillis?: number | undefined;
  readonly samplingIntervalMicros: number;
  readonly pauseSeconds: number;
  /** Worker threads whose own windows are read together with this one. */
  readonly workers?: number | undefined;
  /** What was recorded, or why nothing was. */
  readonly outcome: Recording | Error;
}

/** A window that is closed so much later than planned was closed by a thread that had stalled. */
const STALL_MILLIS = 250;
const STALL_SHARE = 0.1;

/**
 * From this much waiting per CPU on, samples speak for waiting too: `npm run bench:accuracy`, cells
 * `shared`.
 */
const CONTENDED_SHARE = 0.1;

/** With fewer hits expected, how many there are is a matter of chance: by 14 % at this number. */
const FEWEST_EXPECTED_HITS = 50;

/** Builds the frozen window. Pure. */
export function closeWindow(parts: WindowParts): ProfileWindow {
  const { origin, start, end, outcome, sequence, samplingIntervalMicros, pauseSeconds } = parts;
  const durationMillis = end.monotonicMillis - start.monotonicMillis;
  const processSeconds = Math.max(0, end.processCpuSeconds - start.processCpuSeconds);
  const { workers = 0 } = parts;
  const cpu = splitProcessCpu({
    processSeconds,
    threadClockSeconds: difference(start.thread?.cpuSeconds, end.thread?.cpuSeconds),
    alone: origin.threadId === 0 && workers === 0,
    outcome,
  });
  const waitSeconds = difference(start.thread?.waitSeconds, end.thread?.waitSeconds);
  const common = {
    origin,
    sequence,
    startTime: start.epochMillis,
    endTime: end.epochMillis,
    durationMillis,
    samplingIntervalMicros,
    pauseSeconds,
    cpu,
    waitSeconds,
    timeslices: difference(start.thread?.timeslices, end.thread?.timeslices),
    contended: isContended(waitSeconds, cpu.threadSeconds, samplingIntervalMicros),
    ...(workers > 0 && { workers }),
  };
  if (outcome instanceof Error) {
    return freezeWindow({
      ...common,
      samples: { taken: 0, lost: 0 },
      complete: false,
      incompleteReason: undefined,
      error: outcome,
      fair: false,
      quality: undefined,
      root: undefined,
    });
  }
  const incompleteReason = reasonOf(outcome, durationMillis, parts.plannedMillis);
  const expected = Math.floor((cpu.threadSeconds * 1e6) / samplingIntervalMicros);
  return freezeWindow({
    ...common,
    samples: {
      taken: outcome.samplesTaken,
      lost: outcome.overflowed || outcome.stuck ? Math.max(0, expected - outcome.samplesTaken) : 0,
    },
    complete: incompleteReason === undefined,
    incompleteReason,
    error: undefined,
    fair: outcome.fair,
    quality: incompleteReason === undefined ? qualityOf(outcome.root, common) : undefined,
    root: outcome.root,
  });
}

/**
 * Whether a thread that used `threadSeconds` of CPU waited for a processor for more than a tenth of
 * that, and long enough to be sampled while it did. Pure.
 */
export function isContended(
  waitSeconds: number | undefined,
  threadSeconds: number,
  samplingIntervalMicros: number,
): boolean {
  if (waitSeconds === undefined) return false;
  return waitSeconds > Math.max(CONTENDED_SHARE * threadSeconds, samplingIntervalMicros / 1e6);
}

function qualityOf(
  root: CallNode,
  window: Pick<ProfileWindow, 'cpu' | 'timeslices' | 'samplingIntervalMicros'>,
): number | undefined {
  const { threadSeconds } = window.cpu;
  const seconds = threadSeconds - wakeUpSeconds(window.timeslices, threadSeconds);
  const expected = (seconds * 1e6) / window.samplingIntervalMicros;
  return expected < FEWEST_EXPECTED_HITS ? undefined : hitsOf(timelineOf(root)).length / expected;
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
