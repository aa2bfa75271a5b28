import type { ProfileWindow } from '../model/ProfileWindow';

/** How to sample other threads. */
export interface SamplingPlan {
  readonly samplingIntervalMicros: number;
  readonly windowMillis: number;
  readonly periodMillis: number;
  readonly fairSampling: boolean;
}

/** Other threads whose windows a collector also hands to its consumers. */
export interface OtherThreads {
  /** Number of threads that are being sampled. */
  readonly count: number;
  /**
   * Samples the other threads as `plan` says from now on, and calls `deliver` with each of their
   * windows. Their open windows are closed at once. Stops sampling them if `plan` is `undefined`.
   */
  follow(plan: SamplingPlan | undefined, deliver: (window: ProfileWindow) => void): void;
}

/** For a collector that samples only its own thread. */
export const noOtherThreads: OtherThreads = { count: 0, follow: () => undefined };
