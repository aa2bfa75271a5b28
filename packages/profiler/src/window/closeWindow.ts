import type { Recording } from '../sampler/Sampler';
import type { IncompleteReason, ProfileWindow, WindowOrigin } from './ProfileWindow';
import { divideCpu } from './divideCpu';
import { freezeWindow } from './freezeWindow';

/** The clocks at a border between two windows. */
export interface Border {
  /** Milliseconds since the epoch. */
  readonly epochMillis: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMillis: number;
  /** CPU the process has used since it began, seconds. */
  readonly processCpuSeconds: number;
  /** CPU the sampled thread has used since it began, seconds, where there is such a clock. */
  readonly threadCpuSeconds?: number | undefined;
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

/** Builds the frozen window. Pure. */
export function closeWindow(parts: WindowParts): ProfileWindow {
  const { origin, start, end, outcome, sequence, samplingIntervalMicros, pauseSeconds } = parts;
  const durationMillis = end.monotonicMillis - start.monotonicMillis;
  const processSeconds = Math.max(0, end.processCpuSeconds - start.processCpuSeconds);
  const { workers = 0 } = parts;
  const cpu = divideCpu({
    processSeconds,
    threadClockSeconds: difference(start.threadCpuSeconds, end.threadCpuSeconds),
    isMainThread: origin.threadId === 0,
    othersSampled: workers > 0,
    outcome,
  });
  const common = {
    origin,
    sequence,
    startTime: start.epochMillis,
    endTime: end.epochMillis,
    durationMillis,
    samplingIntervalMicros,
    pauseSeconds,
    cpu,
    ...(workers > 0 && { workers }),
  };
  if (outcome instanceof Error) {
    return freezeWindow({
      ...common,
      samples: { taken: 0, lost: 0 },
      complete: false,
      incompleteReason: undefined,
      error: outcome,
      root: undefined,
    });
  }
  const incompleteReason = reasonOf(outcome, durationMillis, parts.plannedMillis);
  const expected = Math.floor((durationMillis * 1000) / samplingIntervalMicros);
  return freezeWindow({
    ...common,
    samples: {
      taken: outcome.samplesTaken,
      lost: outcome.overflowed || outcome.stuck ? Math.max(0, expected - outcome.samplesTaken) : 0,
    },
    complete: incompleteReason === undefined,
    incompleteReason,
    error: undefined,
    root: outcome.root,
  });
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
