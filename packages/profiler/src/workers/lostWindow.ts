import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import { freezeWindow } from '../model/freezeWindow';

/** What is known of a window that was lost with its worker. */
export interface LostWindow {
  readonly origin: WindowOrigin;
  readonly sequence: number;
  /** When the worker was heard of last. */
  readonly start: ClockReading;
  readonly end: ClockReading;
  readonly samplingIntervalMicros: number;
}

/** A window in the place of one that was lost: it has an error, and knows none of its thread's CPU. Pure. */
export function lostWindow(lost: LostWindow): ProfileWindow {
  const { origin, sequence, start, end, samplingIntervalMicros } = lost;
  const processSeconds = Math.max(0, end.processCpuSeconds - start.processCpuSeconds);
  return freezeWindow({
    origin,
    sequence,
    startTime: start.epochMillis,
    endTime: end.epochMillis,
    durationMillis: end.monotonicMillis - start.monotonicMillis,
    samplingIntervalMicros,
    cpu: { processSeconds, threadSeconds: 0, otherThreadsSeconds: processSeconds },
    samples: { taken: 0, lost: 0 },
    complete: false,
    incompleteReason: undefined,
    error: {
      name: 'WorkerLostError',
      message: `worker ${origin.threadId} ended in the midst of a window, as by worker.terminate()`,
    },
    fair: false,
    quality: undefined,
    waitSeconds: undefined,
    timeslices: undefined,
    contended: false,
    pauseSeconds: 0,
    root: undefined,
  });
}
