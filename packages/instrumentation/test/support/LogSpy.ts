import type { DiagLogger } from '@opentelemetry/api';

/** A logger for `diag` that keeps errors and warnings. */
export class LogSpy implements DiagLogger {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  error(message: string): void {
    this.errors.push(message);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  info(): void {}
  debug(): void {}
  verbose(): void {}
}
