import { CLOSE_DURATION } from './metrics';
import type { Histogram } from './sdkTypes';

/** The histogram of the event-loop time that closing windows took, for a `MetricProducer`. */
export class CloseDurations {
  private readonly counts: number[] = Array.from(
    { length: CLOSE_DURATION.boundaries.length + 1 },
    () => 0,
  );
  private count = 0;
  private sum = 0;
  private min = Infinity;
  private max = -Infinity;

  /** Adds the time of one window, seconds. */
  record(seconds: number): void {
    const bucket = CLOSE_DURATION.boundaries.findIndex((boundary) => seconds <= boundary);
    this.counts[bucket < 0 ? CLOSE_DURATION.boundaries.length : bucket]!++;
    this.count++;
    this.sum += seconds;
    this.min = Math.min(this.min, seconds);
    this.max = Math.max(this.max, seconds);
  }

  /** Returns the histogram as the SDK exports it, `undefined` before the first window. */
  get(): Histogram | undefined {
    const { count, sum, min, max } = this;
    if (count === 0) return undefined;
    const buckets = { boundaries: [...CLOSE_DURATION.boundaries], counts: [...this.counts] };
    return { count, sum, min, max, buckets };
  }
}
