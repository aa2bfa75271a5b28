import { timers } from '../base/timers';
import { DISCONNECTED, HttpError } from './reply';

/** Time, injected so that tests control it. */
export interface RecordingClock {
  /** Returns monotonic time, milliseconds. */
  now(): number;
  /** Resolves after `millis`, or rejects when `signal` aborts. Does not keep the process alive. */
  sleep(millis: number, signal: AbortSignal): Promise<unknown>;
}

export const recordingClock: RecordingClock = {
  now: timers.monotonicMillis,
  sleep: (millis, signal) =>
    new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        timers.clearTimeout(timer);
        reject(new DOMException('the recording was aborted', 'AbortError'));
      };
      const timer = timers.setTimeout(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      }, millis);
      timer.unref();
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    }),
};

/** Limits how many recordings run at the same time. */
export class ConcurrencyLimit {
  /** The expected end of each running recording, monotonic time. */
  private readonly ends = new Set<{ readonly millis: number }>();

  constructor(
    private readonly max: number,
    private readonly clock: Pick<RecordingClock, 'now'>,
  ) {}

  /**
   * Runs `record`, which takes about `seconds`, and settles as it does.
   *
   * @throws HttpError 429 when `max` recordings are running; it says when the next one ends.
   */
  async run<T>(seconds: number, record: () => Promise<T>): Promise<T> {
    const now = this.clock.now();
    if (this.ends.size >= this.max) {
      const soonest = Math.min(...[...this.ends].map(({ millis }) => millis));
      const wait = Math.max(1, Math.ceil((soonest - now) / 1000));
      throw new HttpError(
        429,
        `${this.max} recordings are running, the most at the same time (option maxConcurrent); ` +
          `try again in ${wait} s`,
        { 'Retry-After': String(wait) },
      );
    }
    const end = { millis: now + seconds * 1000 };
    this.ends.add(end);
    try {
      return await record();
    } finally {
      this.ends.delete(end);
    }
  }
}

/** What all endpoints that record need. */
export interface RecordingParts {
  readonly clock: RecordingClock;
  readonly limit: ConcurrencyLimit;
  readonly maxSeconds: number;
}

/**
 * Resolves after `seconds`, or as soon as `signal` aborts. Never rejects, so that the caller can
 * stop what it records.
 *
 * @returns the comments for the profile: one when the recording ended early.
 */
export async function recordingEnd(
  seconds: number,
  signal: AbortSignal,
  clock: RecordingClock,
): Promise<string[]> {
  const start = clock.now();
  try {
    await clock.sleep(seconds * 1000, signal);
    return [];
  } catch {
    const elapsed = ((clock.now() - start) / 1000).toFixed(1);
    return [`ended after ${elapsed} s of ${seconds} s: the server was shutting down`];
  }
}

/** @throws DISCONNECTED when nobody waits for the profile any more. */
export function throwIfDisconnected(signal: AbortSignal): void {
  if (signal.reason === DISCONNECTED) throw DISCONNECTED;
}
