import type { Steps } from '../base/steps';
import type { Profile } from '../pprof/Profile';

/** A profile of this thread that is being recorded. */
export interface Recording {
  /**
   * Ends the recording at once, and returns its profile in steps. Call either this or
   * {@link discard}, once.
   *
   * @param comments Comments to add to the profile.
   * @throws SamplerUnavailableError if the sampler has failed meanwhile. The steps throw it too.
   */
  stop(comments?: readonly string[]): Steps<Profile>;
  /** Ends the recording without a profile. */
  discard(): void;
}
