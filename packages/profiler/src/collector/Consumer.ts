import type { ProfileWindow } from '../model/ProfileWindow';

/** Facts about one call of a consumer, passed beside the window. */
export interface Delivery {
  /** Windows that this consumer missed since its last call because it was slow. */
  readonly missed: number;
}

/**
 * Handles one window. A consumer gets every window, in order and one call at a time. Its calls start
 * in a turn of the event loop that no other consumer gets.
 *
 * While the promise that a call returned is pending, later windows wait. A waiting window is
 * dropped and counted if it ended four or more window periods before the latest one, or if more
 * than 1,024 windows wait.
 *
 * If a call throws or rejects, the error goes to the collector's logger and the call counts as
 * failed.
 */
export type WindowCallback = (window: ProfileWindow, delivery: Delivery) => unknown;

/** Options of one reader, a consumer or a span. */
export interface ConsumerOptions {
  /**
   * Mean time between two samples, microseconds, an integer from 500 to 1,000,000. Default: the
   * collector's interval. All readers share one sampler, so the others also get samples at this
   * interval if it is the shortest. A shorter interval than before restarts V8's profiler, which
   * blocks the thread for about 2.3 microseconds per compiled function. The sampler keeps it for a
   * minute after the last reader.
   */
  readonly samplingIntervalMicros?: number;
}

/** A registered consumer. */
export interface Consumer {
  readonly name: string;
  /** Windows that it missed because it was slow. */
  readonly dropped: number;
  /** Calls that threw or rejected. */
  readonly failed: number;
  /**
   * Does what `ProfileCollector.forceFlush` does, and waits for this consumer only. The other
   * consumers get the windows too.
   */
  forceFlush(timeoutMillis?: number): Promise<void>;
  /**
   * Ends the registration. Closes the open window at once, and asks the workers to close theirs.
   * The consumer gets these windows as its last ones. Further calls do nothing.
   * @returns A promise that fulfills when the consumer has handled its last window. It waits at
   *   most one second for workers, and never rejects.
   */
  remove(): Promise<void>;
  /** Removes the consumer. */
  [Symbol.dispose](): void;
}
