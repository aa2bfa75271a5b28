import { InvalidOptionError } from './errors';
import type { Logger } from './logger';

/**
 * Returns `value` if it is an integer from `min` to `max`. Throws {@link InvalidOptionError}
 * otherwise.
 */
export function integerInRange(option: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(option, value, `an integer from ${min} to ${max}`);
  }
  return value;
}

/** Returns `value` if it is a number from `min` to `max`. Throws {@link InvalidOptionError} otherwise. */
export function numberInRange(option: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new InvalidOptionError(option, value, `a number from ${min} to ${max}`);
  }
  return value;
}

/** Returns `value` if it is true or false. Throws {@link InvalidOptionError} otherwise. */
export function boolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, value, 'true or false');
  return value;
}

/** Returns `value` if it is a non-empty string. Throws {@link InvalidOptionError} otherwise. */
export function nonEmptyString(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new InvalidOptionError(option, value, 'a non-empty string');
  }
  return value;
}

/**
 * Throws {@link InvalidOptionError} if `options` is not a plain object or has a key that is not in
 * `known`.
 *
 * @param owner Name of `options` in the message.
 */
export function knownKeys(owner: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(owner, options, 'a plain object');
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      const value = (options as Record<string, unknown>)[key];
      throw new InvalidOptionError(
        `${owner}.${key}`,
        value,
        `omitted (known options: ${known.join(', ')})`,
      );
    }
  }
}

/** Returns `value` if it is one of `allowed`. Throws {@link InvalidOptionError} otherwise. */
export function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    const list = allowed.map((name) => JSON.stringify(name)).join(', ');
    throw new InvalidOptionError(option, value, `one of ${list}`);
  }
  return value;
}

/** Returns `value`, or throws {@link InvalidOptionError} unless it is a function. */
export function functionOption<T>(option: string, value: T): T {
  if (typeof value !== 'function') throw new InvalidOptionError(option, value, 'a function');
  return value;
}

/** Returns `logger`, or throws {@link InvalidOptionError} unless it has the methods of a logger. */
export function loggerOption(option: string, logger: Logger): Logger {
  for (const method of ['error', 'warn', 'debug'] as const) {
    functionOption(`${option}.${method}`, (logger as Logger | null)?.[method]);
  }
  return logger;
}

/** Returns `value`, or throws {@link InvalidOptionError} unless it is text like `pattern`. */
export function matching(option: string, value: unknown, pattern: RegExp, allowed: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new InvalidOptionError(option, value, allowed);
  }
  return value;
}
