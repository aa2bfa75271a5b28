import type { Border } from '../window/closeWindow';
import { threadCpuSeconds } from './threadCpuSeconds';

/** Time and timers, so that tests can bring their own. */
export interface Clock {
  now(): Border;
  /** CPU the calling thread has used since it began, seconds; `undefined` where that cannot be known. Up to a scheduler tick old. */
  threadCpuSeconds?(): number | undefined;
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
    };
  },
  threadCpuSeconds,
  after(millis, fn) {
    const timer = setTimeout(fn, millis).unref();
    return () => clearTimeout(timer);
  },
};
