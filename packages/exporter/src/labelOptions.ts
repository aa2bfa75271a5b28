import { InvalidOptionError, integerInRange, isBounded } from '@rulescope/profiler/internal';
import { attributeName } from './SeriesLabels';

const MAX_KEYS = 8;

/** Prometheus names that belong to Prometheus, its OpenTelemetry mapping or rulescope. */
const RESERVED =
  /^(le|quantile|job|instance|otel_scope_.*|rulescope_.*|code_(function_name|file_path|line_number))$/;

/**
 * Returns `keys` if each can be an attribute beside our own ones, in every backend.
 *
 * @throws InvalidOptionError that names the key and what is allowed.
 */
export function labelKeys(option: string, keys: unknown): readonly string[] {
  if (!Array.isArray(keys)) {
    throw new InvalidOptionError(option, keys, `an array of 1 to ${MAX_KEYS} label keys`);
  }
  integerInRange(`${option}.length`, keys.length, 1, MAX_KEYS);
  const seen = new Set<string>();
  for (const [at, key] of keys.entries()) {
    const where = `${option}[${at}]`;
    if (typeof key !== 'string' || !/^[a-z]/i.test(key) || !isBounded(key)) {
      const allowed = 'a string of at most 256 characters that begins with a letter from A to Z';
      throw new InvalidOptionError(where, key, allowed);
    }
    const name = prometheusName(attributeName(key));
    if (attributeName(key) === key && RESERVED.test(name)) {
      const allowed =
        'a key whose Prometheus name is not le, quantile, job, instance, otel_scope_*, rulescope_* ' +
        'or an attribute of functions';
      throw new InvalidOptionError(where, key, allowed);
    }
    if (seen.has(name)) {
      throw new InvalidOptionError(where, key, `a key with a Prometheus name of its own (${name})`);
    }
    seen.add(name);
  }
  return keys as string[];
}

/** Returns the name that Prometheus exporters make of an attribute. */
function prometheusName(name: string): string {
  return name.replace(/[^a-zA-Z0-9]+/g, '_');
}
