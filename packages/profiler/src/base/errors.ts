/** An option has a value that is not allowed. Thrown at construction, never at run time. */
export class InvalidOptionError extends TypeError {
  override readonly name = 'InvalidOptionError';

  /**
   * @param option Name of the option as the user wrote it.
   * @param value The value received.
   * @param allowed What would have been allowed, as the end of "must be ...".
   */
  constructor(
    readonly option: string,
    readonly value: unknown,
    readonly allowed: string,
  ) {
    super(`${option} must be ${allowed}, got ${describe(value)}`);
  }
}

/** This process or thread cannot be sampled; the message says why and what to do. */
export class SamplerUnavailableError extends Error {
  override readonly name = 'SamplerUnavailableError';
}

/** Whatever was thrown, as an Error. Never throws. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(String(thrown));
  } catch {
    return new Error('thrown: a value that has no string form');
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
