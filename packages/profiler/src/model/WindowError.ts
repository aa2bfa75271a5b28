/** An error as plain data: it survives `structuredClone` and JSON. */
export interface WindowError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** Returns `error` as plain data. */
export function toWindowError({ name, message, stack }: Error): WindowError {
  return { name, message, ...(stack !== undefined && { stack }) };
}

/** Returns an `Error` to throw for `error`. */
export function fromWindowError(error: WindowError): Error {
  return Object.assign(new Error(error.message), error);
}
