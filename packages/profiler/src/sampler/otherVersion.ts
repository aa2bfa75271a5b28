import { SamplerUnavailableError } from '../base/errors';
import { INSTALL_ONE_VERSION, ofAllVersions } from '../slot/threadSlot';

/**
 * Throws if a copy of rulescope with another version samples this thread. Call it while this copy
 * does not sample. That copy guards the native sampler, and its guard would name another cause.
 *
 * @throws {SamplerUnavailableError} that names the cause and what to do.
 */
export function assertNoOtherVersionSamples(): void {
  // All versions keep their sampler under this name, as `sampler` of an object.
  for (const value of ofAllVersions('sampler')) {
    if ((value as { sampler: { running: boolean } }).sampler.running) {
      throw new SamplerUnavailableError(
        `another version of rulescope is sampling this thread. ${INSTALL_ONE_VERSION}`,
      );
    }
  }
}
