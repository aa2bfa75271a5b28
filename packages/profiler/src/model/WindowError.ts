/** Error as plain data, which `structuredClone` and JSON preserve. */
export interface WindowError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/**
 * Converts `error` to plain data. `Error.prepareStackTrace` of a user can make `stack` any value.
 */
export function toWindowError({ name, message, stack }: Error): WindowError {
  return { name, message, ...(typeof stack === 'string' && { stack }) };
}

/** Converts `error` to an `Error` that can be thrown. */
export function fromWindowError(error: WindowError): Error {
  return Object.assign(new Error(error.message), error);
}
