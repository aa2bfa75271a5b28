import type * as fairSampling from '@rulescope/fair-sampling';
import { toError } from '../base/errors';

/** How independent the samples of a thread are of the work that they measure. */
export interface Fairness {
  /**
   * Whether SIGPROF does not interrupt the thread's event loop while it waits for events. Timers
   * then keep their phase.
   */
  readonly fair: boolean;
  /**
   * State of the short time slice of V8's sampling thread. With it (`applied`), the thread gets its
   * turn at once on a busy processor. `ignored`: the system has no short slice (Linux before 6.12,
   * for example). `refused`: the system refused it. `undefined`: it was not requested.
   */
  readonly slice: fairSampling.SliceState | undefined;
  /**
   * Reason why samples are less fair than they can be. `undefined` if they are as fair as the
   * system allows, or if fairness was not requested.
   */
  readonly reason: Error | undefined;
}

type Load = () => Pick<typeof fairSampling, 'loadFairSampling'>;

/**
 * Loads the package at the first fair start. If the package is missing or bundled away, samples are
 * less fair and nothing else fails.
 */
const requirePackage: Load = () => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late
  return require('@rulescope/fair-sampling') as typeof fairSampling;
};

/**
 * Starts V8's sampler with fair samples, as far as the system allows: see
 * `@rulescope/fair-sampling`. If a step fails, V8 samples as it does by default. There is one
 * `FairStart` per thread.
 */
export class FairStart {
  private addon: fairSampling.FairSampling | undefined;
  /** Reason why there is no add-on or no mask. */
  private failure: Error | undefined;
  private masked = false;
  private state: Fairness | undefined;

  constructor(private readonly loadPackage: Load = requirePackage) {}

  /** Fairness of the last start. `undefined` before the first start. */
  get fairness(): Fairness | undefined {
    return this.state;
  }

  /**
   * Calls `start`, which creates V8's sampling thread. Throws as `start` does.
   *
   * @param wanted Whether to sample fairly. If `false`, an event loop that an earlier start has
   *   masked stays masked.
   */
  start(wanted: boolean, start: () => void): void {
    const addon = wanted ? this.load() : undefined;
    let slice: fairSampling.SliceState | undefined;
    if (addon === undefined) {
      start();
    } else {
      slice = addon.startSampler(start);
      this.maskOnce(addon);
    }
    const reason = this.failure ?? (slice === 'refused' ? sliceRefusedError() : undefined);
    this.state = { fair: this.masked, slice, reason: wanted ? reason : undefined };
  }

  /** Loads the add-on, once. {@link start} does it too. */
  load(): fairSampling.FairSampling | undefined {
    if (this.failure !== undefined) return this.addon;
    return (this.addon ??= this.tryOrKeepFailure(() => this.loadPackage().loadFairSampling()));
  }

  /** Masks the event loop once, after sampling has started. The mask cannot be removed. */
  private maskOnce(addon: fairSampling.FairSampling): void {
    if (this.masked || this.failure !== undefined) return;
    this.masked = this.tryOrKeepFailure(() => (addon.maskPolling(), true)) ?? false;
  }

  private tryOrKeepFailure<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (thrown) {
      this.failure = toError(thrown);
      return undefined;
    }
  }
}

function sliceRefusedError(): Error {
  return new Error('the system refuses a short time slice or timer slack for V8’s sampling thread');
}
