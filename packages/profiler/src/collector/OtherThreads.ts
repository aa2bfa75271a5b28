import type { ProfileWindow } from '../model/ProfileWindow';

/** How threads are to be sampled. */
export interface SamplingPlan {
  readonly samplingIntervalMicros: number;
  readonly windowMillis: number;
  readonly periodMillis: number;
  readonly fairSampling: boolean;
}

/** Threads whose windows a collector hands to its consumers beside its own. */
export interface OtherThreads {
  /** Threads that are being sampled. */
  readonly count: number;
  /**
   * Has them sampled as `plan` says from now on, the windows under way closed at once; without a plan: no more. Calls `deliver`
   * with each of their windows.
   */
  follow(plan: SamplingPlan | undefined, deliver: (window: ProfileWindow) => void): void;
}

/** Of a collector that reads its own thread alone. */
export const noOtherThreads: OtherThreads = { count: 0, follow: () => undefined };
