import type { ProfileWindow } from '../model/ProfileWindow';

/** How to sample worker threads. */
export interface SamplingPlan {
  readonly samplingIntervalMicros: number;
  readonly windowMillis: number;
  readonly periodMillis: number;
  readonly fairSampling: boolean;
}

/** Takes the windows of workers. */
export type DeliverWindow = (window: ProfileWindow) => void;

/**
 * Fulfills when each worker has closed its open window and that window is delivered, or when the
 * worker has ended. Never fulfills for a worker whose event loop is blocked forever. `undefined` if
 * there is no worker to wait for.
 */
export type WorkersAnswered = Promise<unknown> | undefined;

/** The worker threads whose windows a collector also hands to its consumers. */
export interface SampledWorkers {
  /** Thread ids of the workers that are being sampled. */
  readonly threadIds: readonly number[];
  /**
   * Asks the workers to close their open windows and to sample as `plan` says from then on, or not
   * at all if there is no plan. `deliver` gets the windows that begin from then on. Earlier windows
   * go where the call before this one wanted them.
   */
  sample(plan: SamplingPlan | undefined, deliver: DeliverWindow): WorkersAnswered;
  /** Asks the workers to close their open windows, and to go on. */
  closeWindows(): WorkersAnswered;
}

/** For a collector that samples only its own thread. */
export const noWorkers: SampledWorkers = {
  threadIds: [],
  sample: () => undefined,
  closeWindows: () => undefined,
};
