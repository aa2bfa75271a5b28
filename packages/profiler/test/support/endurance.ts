/**
 * Returns the length of an endurance test: `short` if RULESCOPE_TEST_SCOPE is `short`, else `full`.
 * `npm test` runs full tests on one version of Node.js and short tests on the others.
 */
export function endurance<T>(full: T, short: T): T {
  return process.env['RULESCOPE_TEST_SCOPE'] === 'short' ? short : full;
}
