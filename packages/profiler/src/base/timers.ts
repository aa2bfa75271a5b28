import { File } from 'node:buffer';
import * as nodeTimers from 'node:timers';
import type * as standIns from './standInTimers';

/** A running timer. */
export interface Timer {
  /** Lets the process end before the timer does. */
  unref(): Timer;
  /** Cancels the timer. */
  close(): unknown;
}

/** The timers that the library uses. */
export interface Timers {
  /** Calls `fn` once after `millis`. */
  setTimeout(fn: () => void, millis: number): Timer;
  /** Calls `fn` in a later turn of the event loop, and keeps the process alive until then. */
  setImmediate(fn: () => void): void;
}

// Taken when the package is loaded: a test may fake them later.
const { setTimeout, clearTimeout, setImmediate } = nodeTimers;
const uptime = process.uptime.bind(process);

const ofNode: Timers = {
  setTimeout: (fn, millis) => setTimeout(fn, millis),
  setImmediate: (fn) => void setImmediate(fn),
};

/**
 * The timers and clocks of the runtime. Fake timers of a user's test neither stop nor drive them,
 * whenever they are installed: not even if they were there before this package was loaded.
 */
export const timers = {
  ...(areFake() ? loadStandIns() : ofNode),
  clearTimeout: (timer: Timer): void => void timer.close(),
  /** Calls `fn` once after `millis` without keeping the process alive. Returns what cancels it. */
  after: (millis: number, fn: () => void): (() => void) => {
    const timer = timers.setTimeout(fn, millis).unref();
    return () => timers.clearTimeout(timer);
  },
  /**
   * Returns the time of the wall clock, milliseconds since the epoch. It may jump. Node.js stamps a
   * file by its own `Date.now`, which nothing can replace.
   */
  epochMillis: (): number => new File([], '').lastModified,
  /**
   * Returns the milliseconds since the process began, by the monotonic clock of the system. All
   * threads of the process share this clock, unlike `performance.now()`. Fake timers replace
   * `performance.now` and `process.hrtime`, but not `process.uptime`.
   */
  monotonicMillis: (): number => uptime() * 1000,
};

/** Node.js counts real timers among its active resources, and no fake ones. */
function areFake(): boolean {
  const before = countActive('Timeout');
  const timer = setTimeout(() => undefined, 1_000);
  if (countActive('Timeout') === before) {
    clearTimeout(timer);
    return true;
  }
  // `clearTimeout` may be fake although `setTimeout` is not.
  timer.close();
  const immediatesBefore = countActive('Immediate');
  // Not cleared: a real `clearImmediate` of a fake immediate would damage the event loop.
  const immediate: { unref?(): unknown } = setImmediate(() => undefined);
  const isFake = countActive('Immediate') === immediatesBefore;
  // Only now: an immediate without a reference is not counted as active.
  immediate.unref?.();
  return isFake;
}

/** @param type A type of resource, as `process.getActiveResourcesInfo()` documents it. */
function countActive(type: 'Timeout' | 'Immediate'): number {
  return process.getActiveResourcesInfo().filter((each) => each === type).length;
}

/** Loads the timers that take the place of fake ones. */
function loadStandIns(): Timers {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- needed in tests only
  return (require('./standInTimers') as typeof standIns).standInTimers;
}
