import type { ClockReading } from '../model/ClockReading';
import { readThreadTimes } from './readThreadTimes';

/** Time and timers, so that tests can bring their own. */
export interface Clock {
  now(): ClockReading;
  /** Calls `fn` once after `millis`; does not keep the process alive. Returns how to cancel it. */
  after(millis: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now() {
    const { user, system } = process.cpuUsage();
    return {
      epochMillis: Date.now(),
      monotonicMillis: performance.now(),
      processCpuSeconds: (user + system) / 1e6,
      // Right behind the clock of the process, which brings the thread's up to date.
      thread: readThreadTimes(),
    };
  },
  after(millis, fn) {
    const timer = setTimeout(fn, millis).unref();
    return () => clearTimeout(timer);
  },
};
