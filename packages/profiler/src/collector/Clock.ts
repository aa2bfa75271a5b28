import { timers } from '../base/timers';
import type { ClockReading } from '../model/ClockReading';
import { readThreadTimes } from './readThreadTimes';

/** Time and timers. Tests pass their own. */
export interface Clock {
  now(): ClockReading;
  /**
   * Calls `fn` once after `millis`. The timer does not keep the process alive. Returns a function
   * that cancels it.
   */
  after(millis: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now() {
    const { user, system } = process.cpuUsage();
    return {
      epochMillis: timers.epochMillis(),
      monotonicMillis: timers.monotonicMillis(),
      processCpuSeconds: (user + system) / 1e6,
      // Read right after `process.cpuUsage()`, which brings the kernel's figures of the thread up
      // to date.
      thread: readThreadTimes(),
    };
  },
  after: timers.after,
};
