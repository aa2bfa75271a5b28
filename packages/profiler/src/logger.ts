/** Where the library reports what it caught. OpenTelemetry's `diag` and `console` both fit. */
export interface Logger {
  error(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  debug(message: string, ...details: unknown[]): void;
}

/** The default: says nothing. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
};
