import type { DiagLogger } from '@opentelemetry/api';

/** A logger for `diag` that keeps errors. */
export class LogSpy implements DiagLogger {
  readonly errors: string[] = [];

  error(message: string): void {
    this.errors.push(message);
  }

  warn(): void {}
  info(): void {}
  debug(): void {}
  verbose(): void {}
}
