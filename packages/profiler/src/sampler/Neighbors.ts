import { AsyncResource } from 'node:async_hooks';
import { SamplerUnavailableError } from '../base/errors';
import type { Native } from '../native/loadNative';
import { occupyThread } from '../slot/realms';
import { OtherProfiles } from './OtherProfiles';
import { OtherSamplers } from './OtherSamplers';
import type { SamplerUser } from './Sampler';
import { guardSignal, keepSignalHandled } from './guardSignal';

/** Other code in this thread that profiles or handles SIGPROF, and what we do about it. */
export class Neighbors {
  private readonly samplers: OtherSamplers;
  private readonly profiles: OtherProfiles;
  private undo: (() => void)[] = [];
  private isRetired = false;

  /**
   * @param TimeProfiler Native class of our own copy of `@datadog/pprof`.
   * @param user Returns who uses our sampler.
   */
  constructor(
    TimeProfiler: Native['TimeProfiler'],
    private readonly user: () => SamplerUser | undefined,
  ) {
    this.samplers = new OtherSamplers(TimeProfiler);
    this.profiles = new OtherProfiles(this.rotate);
    // From now on, because workers can be sampled while this thread is not.
    keepSignalHandled();
  }

  /** Whether another realm has taken the thread over, for good. */
  get retired(): boolean {
    return this.isRetired;
  }

  /** Whether our V8 profiler should be renewed at the next boundary. */
  get worn(): boolean {
    return this.profiles.worn;
  }

  /**
   * Prepares the thread for our sampler.
   * @throws {SamplerUnavailableError} if another sampler has the thread.
   */
  enter(): void {
    if (this.isRetired) {
      throw new SamplerUnavailableError(
        'a later test file, in a realm of its own, samples this thread now: a thread has one sampler',
      );
    }
    // Bound, because the other realm's flow would keep that realm in memory.
    const retire = AsyncResource.bind(this.retire);
    this.undo = [occupyThread(retire), () => this.samplers.allow()];
    try {
      this.samplers.block();
    } catch (thrown) {
      this.leave();
      throw thrown;
    }
    this.profiles.watch();
    this.undo.push(guardSignal(this.rotate), () => this.profiles.unwatch());
  }

  /** Undoes {@link enter}. Does nothing if there is nothing to undo. */
  leave(): void {
    for (const undo of this.undo.splice(0)) undo();
  }

  /** Has our sampler start a new recording, which repairs what others have changed. */
  private readonly rotate = (): void => this.user()?.rotate();

  /** Leaves the thread to another realm, for good. */
  private readonly retire = (): void => {
    this.isRetired = true;
    this.user()?.end();
  };
}
