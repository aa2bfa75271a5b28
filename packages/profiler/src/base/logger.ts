/**
 * Receiver of the errors that the library catches, of its warnings and of its debug messages.
 * OpenTelemetry's `diag` and `console` both fit.
 */
export interface Logger {
  error(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  debug(message: string, ...details: unknown[]): void;
}

/**
 * Returns a logger that passes every call on to `logger` and ignores the errors that `logger`
 * throws: there is no other place to report them.
 */
export function safeLogger(logger: Logger): Logger {
  const safe =
    (method: keyof Logger) =>
    (...args: Parameters<Logger['error']>): void => {
      try {
        logger[method](...args);
      } catch {
        // There is no other place to report it.
      }
    };
  return { error: safe('error'), warn: safe('warn'), debug: safe('debug') };
}

/** Default logger. Discards every message. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
};
