/**
 * Returns the length of an endurance test: `short` where RULESCOPE_TEST_SCOPE is `short`, else `full`.
 * `npm test` asks for full length on one version of Node.js, for short tests on the others.
 */
export function endurance<T>(full: T, short: T): T {
  return process.env['RULESCOPE_TEST_SCOPE'] === 'short' ? short : full;
}
