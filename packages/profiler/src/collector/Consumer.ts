import type { ProfileWindow } from '../model/ProfileWindow';

/** What a consumer is told beside the window. */
export interface Delivery {
  /** Windows that this consumer missed since its last call, because it was slow. */
  readonly missed: number;
}

/**
 * Gets every window, in order, one call at a time, in a turn of the event loop that no other consumer has. While the promise of a
 * call is pending, later windows wait; one that ended four window periods before the latest is dropped and counted. What it
 * throws is reported to the collector's logger and counted.
 */
export type WindowCallback = (window: ProfileWindow, delivery: Delivery) => unknown;

/** What one reader asks for. */
export interface ConsumerOptions {
  /**
   * Mean time between two samples, microseconds, 500 to 1,000,000. Default: that of the collector. Whoever else reads gets
   * as many samples while it is registered.
   */
  readonly samplingIntervalMicros?: number;
}

/** A registered consumer. */
export interface Consumer {
  readonly name: string;
  /** Windows it missed because its queue was full. */
  readonly dropped: number;
  /** Calls that threw or rejected. */
  readonly failed: number;
  /**
   * Ends the registration. The window under way is closed at once and is the last one it gets. Further calls do nothing.
   * @returns a promise that fulfils when the last window was handled; it never rejects.
   */
  remove(): Promise<void>;
}
