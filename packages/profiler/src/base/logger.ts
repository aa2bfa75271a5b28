/** Where the library reports what it caught. OpenTelemetry's `diag` and `console` both fit. */
export interface Logger {
  error(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  debug(message: string, ...details: unknown[]): void;
}

/** `logger`, whose own failures stop nothing: there is nowhere to report them. */
export function safeLogger(logger: Logger): Logger {
  const safe =
    (method: keyof Logger) =>
    (...args: Parameters<Logger['error']>): void => {
      try {
        logger[method](...args);
      } catch {
        // Nowhere to report it.
      }
    };
  return { error: safe('error'), warn: safe('warn'), debug: safe('debug') };
}

/** The default: says nothing. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
};
