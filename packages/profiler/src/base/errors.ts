import { types } from 'node:util';

/**
 * Error for an option whose value is not allowed. It is thrown when an object is constructed, never
 * later.
 *
 * The message reads `<option> must be <allowed>; got <value>`.
 */
export class InvalidOptionError extends TypeError {
  override readonly name = 'InvalidOptionError';

  /**
   * @param option Name of the option, as the user wrote it.
   * @param value Value that the option has.
   * @param allowed Allowed values, as the text that follows "must be".
   */
  constructor(
    readonly option: string,
    readonly value: unknown,
    readonly allowed: string,
  ) {
    super(`${option} must be ${allowed}; got ${describe(value)}`);
  }
}

/**
 * Error for a process or thread that cannot be sampled. The message gives the reason and a remedy.
 */
export class SamplerUnavailableError extends Error {
  override readonly name = 'SamplerUnavailableError';
}

/**
 * Returns `thrown` if it is an `Error`. Otherwise returns an `Error` with the string form of
 * `thrown` as its message. Never throws.
 *
 * An error of Node.js or of native code is of another realm in a test file of Jest. It is copied,
 * with its code.
 */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    if (types.isNativeError(thrown)) {
      const { name, message, stack } = thrown;
      return Object.assign(new Error(message, { cause: thrown }), thrown, { name, stack });
    }
    return new Error(String(thrown));
  } catch {
    return new Error('a value without a string form was thrown');
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
