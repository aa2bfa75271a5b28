import type * as fairSampling from '@rulescope/fair-sampling';
import { toError } from '../base/errors';

/** How far the samples of a thread are independent of the work that they sample. */
export interface Fairness {
  /**
   * SIGPROF does not interrupt the thread's event loop while it waits, so timers keep their phase.
   */
  readonly fair: boolean;
  /**
   * Whether V8's sampling thread gets its turn at once on a busy processor. `ignored`: the kernel
   * is older than Linux 6.12. `undefined`: not tried.
   */
  readonly slice: fairSampling.SliceState | undefined;
  /**
   * Why samples are less fair than they can be. `undefined`: they are fair, or were not asked to
   * be.
   */
  readonly reason: Error | undefined;
}

type Load = () => Pick<typeof fairSampling, 'loadFairSampling'>;

/**
 * Loaded late, so that a package that is missing or bundled away costs fairness and nothing else.
 */
const loadPackage: Load = () => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late
  return require('@rulescope/fair-sampling') as typeof fairSampling;
};

/**
 * Starts V8's sampler so that samples are fair, as far as the system allows: see
 * `@rulescope/fair-sampling`. What fails leaves sampling as V8 does it. One per thread.
 */
export class FairStart {
  private addon: fairSampling.FairSampling | undefined;
  /** Why there is no add-on, or no mask. */
  private failure: Error | undefined;
  private masked = false;
  private state: Fairness | undefined;

  constructor(private readonly load: Load = loadPackage) {}

  /** Of the last start. `undefined` before the first. */
  get fairness(): Fairness | undefined {
    return this.state;
  }

  /**
   * Calls `start`, which makes V8's sampling thread. Throws what it throws.
   * @param wanted Whether samples shall be fair. The event loop stays as an earlier start left it.
   */
  start(wanted: boolean, start: () => void): void {
    const addon = wanted ? this.loadOnce() : undefined;
    let slice: fairSampling.SliceState | undefined;
    if (addon === undefined) {
      start();
    } else {
      slice = addon.startSampler(start);
      this.maskOnce(addon);
    }
    const reason = this.failure ?? (slice === 'refused' ? refusal() : undefined);
    this.state = { fair: this.masked, slice, reason: wanted ? reason : undefined };
  }

  private loadOnce(): fairSampling.FairSampling | undefined {
    if (this.failure !== undefined) return this.addon;
    return (this.addon ??= this.attempt(() => this.load().loadFairSampling()));
  }

  /** Once per event loop, and only where sampling has started: it cannot be undone. */
  private maskOnce(addon: fairSampling.FairSampling): void {
    if (this.masked || this.failure !== undefined) return;
    this.masked = this.attempt(() => (addon.maskPolling(), true)) ?? false;
  }

  private attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (thrown) {
      this.failure = toError(thrown);
      return undefined;
    }
  }
}

function refusal(): Error {
  return new Error('the system refuses a short time slice or timer slack to V8’s sampling thread');
}
