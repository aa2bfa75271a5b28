import type { ProfileWindow } from '../model/ProfileWindow';

/** How to sample worker threads. */
export interface SamplingPlan {
  readonly samplingIntervalMicros: number;
  readonly windowMillis: number;
  readonly periodMillis: number;
  readonly fairSampling: boolean;
}

/** The worker threads whose windows a collector also hands to its consumers. */
export interface SampledWorkers {
  /** Number of workers that are being sampled. */
  readonly count: number;
  /**
   * Samples the workers as `plan` says from now on, and calls `deliver` with each of their windows.
   * Their open windows are closed at once. Stops sampling them if `plan` is `undefined`.
   */
  sample(plan: SamplingPlan | undefined, deliver: (window: ProfileWindow) => void): void;
}

/** For a collector that samples only its own thread. */
export const noWorkers: SampledWorkers = { count: 0, sample: () => undefined };
