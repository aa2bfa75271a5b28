import { jumpMillis } from '../base/Moment';
import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import { freezeWindow } from '../model/freezeWindow';

/** What is known of a window that was lost with its worker. */
export interface LostWindow {
  readonly origin: WindowOrigin;
  readonly sequence: number;
  /** The clocks when the worker's last message arrived. */
  readonly start: ClockReading;
  readonly end: ClockReading;
  readonly samplingIntervalMicros: number;
}

/**
 * Builds a window that stands for a lost one. It has an error, and no figure for the CPU of its
 * thread. Pure.
 */
export function lostWindow(lost: LostWindow): ProfileWindow {
  const { origin, sequence, start, end, samplingIntervalMicros } = lost;
  const processSeconds = Math.max(0, end.processCpuSeconds - start.processCpuSeconds);
  return freezeWindow({
    origin,
    sequence,
    startTime: start.epochMillis + jumpMillis(start, end),
    endTime: end.epochMillis,
    endMonotonicMillis: end.monotonicMillis,
    durationMillis: end.monotonicMillis - start.monotonicMillis,
    samplingIntervalMicros,
    cpu: { processSeconds, threadSeconds: 0, otherThreadsSeconds: processSeconds },
    samples: { taken: 0, lost: 0 },
    complete: false,
    incompleteReason: undefined,
    error: {
      name: 'WorkerLostError',
      message: `worker ${origin.threadId} ended before it sent its last window, for example by worker.terminate()`,
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
