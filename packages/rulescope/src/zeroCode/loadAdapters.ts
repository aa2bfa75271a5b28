import type * as adapters from '../adapters';

/** Returns the adapters, or `undefined` if the package that they extend is not installed. */
export function loadAdapters(): typeof adapters | undefined {
  try {
    // Not imported, because that package is optional.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('../adapters') as typeof adapters;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}
