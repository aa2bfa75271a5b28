import { Profile as PprofProfile } from 'pprof-format';
import { inTurns } from '../base/inTurns';
import type { Profile } from '../pprof/Profile';
import { mapSourcesInSteps } from '../report/mapSources';
import { sourceMapLookup } from '../report/sourceMapLookup';
import type { EndpointHelp } from './endpoint';

/** What the index page says about the parameter. */
export const SOURCES_HELP: EndpointHelp['parameters'][number] = {
  usage: 'sources=1',
  meaning: 'Names, files and lines of the sources, such as TypeScript, by the source maps on disk.',
};

/**
 * Returns `profile` with the places of the original sources, by the source maps on disk. A place
 * without a map stays as it is. Reads the scripts and maps of all places synchronously.
 *
 * @param profile A profile, or its encoding.
 */
export function mapToSources(profile: Profile | Uint8Array): Promise<Profile> {
  const decoded = profile instanceof Uint8Array ? PprofProfile.decode(profile) : profile;
  return inTurns(mapSourcesInSteps(decoded, sourceMapLookup()));
}
