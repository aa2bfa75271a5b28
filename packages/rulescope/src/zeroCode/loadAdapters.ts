import { warnOnce } from '@rulescope/profiler/internal';
import type * as adapters from '../adapters';

/**
 * Returns the adapters, or `undefined` if the package that they extend is missing. A warning on
 * stderr (code `RULESCOPE_NO_ADAPTERS`) then says so.
 */
export function loadAdapters(): typeof adapters | undefined {
  try {
    // Not imported: the package is optional.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('../adapters') as typeof adapters;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    warnOnce(
      'rulescope: the rules of libraries have no names, because a package is missing: ' +
        'npm install @opentelemetry/instrumentation',
      'RULESCOPE_NO_ADAPTERS',
    );
    return undefined;
  }
}
