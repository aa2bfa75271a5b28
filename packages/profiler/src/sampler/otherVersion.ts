import { SamplerUnavailableError } from '../base/errors';
import { INSTALL_ONE_VERSION, type SlotKey, otherVersions } from '../slot/threadSlot';

/**
 * Throws if a copy of rulescope with another version samples this thread. That copy guards the
 * native sampler, and its guard would name another cause.
 *
 * @param key Key of this version's sampler. The values of all versions have `sampler.running`.
 * @throws {SamplerUnavailableError} that names the cause and what to do.
 */
export function assertNoOtherVersionSamples(key: SlotKey<unknown>): void {
  for (const other of otherVersions(key)) {
    const { sampler } = (other ?? {}) as { sampler?: { running?: unknown } };
    if (sampler?.running === true) {
      throw new SamplerUnavailableError(
        `another version of rulescope is sampling this thread. ${INSTALL_ONE_VERSION}`,
      );
    }
  }
}
