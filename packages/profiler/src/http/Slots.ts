import type { Clock } from '../collector/Clock';
import { Refusal } from './Refusal';

/** Bounds how many recordings are under way at once. */
export class Slots {
  /** When each of those under way will end, by the monotonic clock. */
  private readonly ends = new Set<{ readonly millis: number }>();

  constructor(
    private readonly max: number,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * Takes a slot for about `seconds`. @returns how to give it back; further calls do nothing.
   * @throws Refusal 429 when all are taken, which says when one will be free.
   */
  take(seconds: number): () => void {
    const { monotonicMillis } = this.clock.now();
    if (this.ends.size >= this.max) {
      const soonest = Math.min(...[...this.ends].map(({ millis }) => millis));
      const wait = Math.max(1, Math.ceil((soonest - monotonicMillis) / 1000));
      throw new Refusal(
        429,
        `${this.max} profiles are being recorded, which is the most at a time (option maxConcurrent). ` +
          `Try again in ${wait} s.`,
        { 'Retry-After': String(wait) },
      );
    }
    const end = { millis: monotonicMillis + seconds * 1000 };
    this.ends.add(end);
    return () => void this.ends.delete(end);
  }
}
