import type { Logger } from '../../src/base/logger';

/** Logger that stores all messages. */
export class LogSpy implements Logger {
  readonly lines: { level: string; message: string; details: unknown[] }[] = [];

  error(message: string, ...details: unknown[]): void {
    this.lines.push({ level: 'error', message, details });
  }

  warn(message: string, ...details: unknown[]): void {
    this.lines.push({ level: 'warn', message, details });
  }

  debug(message: string, ...details: unknown[]): void {
    this.lines.push({ level: 'debug', message, details });
  }
}
