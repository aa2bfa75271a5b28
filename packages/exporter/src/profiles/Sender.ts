import { type Answer, type Target, post } from './post';
import { readResponse, readStatus } from './readAnswer';

/** Answers after which the same request may be sent again. All others are final. */
const RETRYABLE = new Set([429, 502, 503, 504]);

/**
 * Backoff between attempts, as in the retry policy of OpenTelemetry's own exporters: milliseconds,
 * each attempt waits longer by `factor`, up or down by the share `jitter`.
 */
const BACKOFF = { firstMillis: 1_000, maxMillis: 5_000, factor: 1.5, jitter: 0.2, attempts: 5 };
/** Longest wait that a server can ask for. */
const MAX_RETRY_AFTER_MILLIS = 300_000;

/** Longest text of a server that is passed on. */
const MAX_REMARK_LENGTH = 500;

/** How the sending of a request ended. */
export interface Result {
  /** Why the profile did not arrive. `undefined` if the server took the request. */
  readonly failure: string | undefined;
  /** Profiles in the request that the server rejected although it took the request. */
  readonly rejected: number;
  /** Remark of a server that took the request. */
  readonly remark: string;
  /** Time for which the server wants no request, milliseconds. */
  readonly pauseMillis: number;
}

/** Time, as the sender uses it. */
export interface Clock {
  /** Returns the time since any fixed moment, milliseconds. */
  now(): number;
  /** Returns the time since the epoch, milliseconds. */
  epochMillis(): number;
  /** Fulfills after `millis`. Does not keep the process alive. */
  wait(millis: number): Promise<void>;
}

/**
 * Sends requests by the rules of the OTLP specification 1.11, "OTLP/HTTP Response" and "OTLP/HTTP
 * Connection": repeats a request after the answers 429, 502, 503 and 504 and after a failed
 * connection, with an exponential backoff and jitter, or when `Retry-After` says.
 */
export class Sender {
  /**
   * @param timeoutMillis Time for a request with all attempts.
   * @param random Returns a number from 0 to 1.
   */
  constructor(
    private readonly target: Target,
    private readonly timeoutMillis: number,
    private readonly clock: Clock,
    private readonly random = Math.random,
  ) {}

  /** Sends a request, repeatedly if needed. Never rejects. */
  async send(body: Uint8Array): Promise<Result> {
    const { clock } = this;
    const deadline = clock.now() + this.timeoutMillis;
    let backoff = BACKOFF.firstMillis;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(body, Math.max(1, deadline - clock.now()));
      if (!outcome.retryable) return outcome;
      const jitter = 1 + BACKOFF.jitter * (2 * this.random() - 1);
      const waitMillis = outcome.pauseMillis || backoff * jitter;
      const isLast = attempt === BACKOFF.attempts || clock.now() + waitMillis >= deadline;
      if (isLast) return outcome;
      await clock.wait(waitMillis);
      backoff = Math.min(backoff * BACKOFF.factor, BACKOFF.maxMillis);
    }
  }

  private async attempt(
    body: Uint8Array,
    timeoutMillis: number,
  ): Promise<Result & { readonly retryable: boolean }> {
    const failed = { rejected: 0, remark: '', pauseMillis: 0, retryable: true };
    try {
      const answer = await post(this.target, body, timeoutMillis);
      if (answer.status >= 200 && answer.status < 300) {
        const { rejected, message } = readResponse(answer.body);
        return {
          ...failed,
          failure: undefined,
          rejected,
          remark: message.slice(0, MAX_REMARK_LENGTH),
          retryable: false,
        };
      }
      const retryable = RETRYABLE.has(answer.status);
      const pauseMillis = retryable ? this.retryAfterMillis(answer) : 0;
      return { ...failed, failure: describe(answer), pauseMillis, retryable };
    } catch (error) {
      return { ...failed, failure: reasonOf(error) };
    }
  }

  /** Returns the wait that the server asks for, as seconds or as a date. 0 if it asks for none. */
  private retryAfterMillis({ retryAfter = '' }: Answer): number {
    const seconds = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) : NaN;
    const millis = Number.isNaN(seconds)
      ? Date.parse(retryAfter) - this.clock.epochMillis()
      : seconds * 1000;
    return Math.min(Math.max(0, millis || 0), MAX_RETRY_AFTER_MILLIS);
  }
}

function describe({ status, body }: Answer): string {
  const message = readStatus(body).slice(0, MAX_REMARK_LENGTH);
  return `the server answered ${status}${message && `: ${message}`}`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // A host with several addresses fails with an error that has a code and no message.
  return message || code || String(error);
}
