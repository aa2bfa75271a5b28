import { createFairSampling, type FairSampling } from './fairSampling';
import { ADDON_FILES, loadAddon } from './loadAddon';

let loaded: FairSampling | undefined;

/**
 * Loads the native add-on at the first call. Loading changes nothing in the process.
 *
 * @throws {FairSamplingUnavailableError} if the add-on does not load. The message names the
 * platform, the architecture and the cause.
 */
export function loadFairSampling(): FairSampling {
  loaded ??= createFairSampling(loadAddon(ADDON_FILES));
  return loaded;
}
