import { timers } from '../base/timers';
import type { MicrosClock } from './ThreadContexts';

/** Width of the bounds at which the search ends. */
const EXACT_MICROS = 20;
/** Longest search, which blocks the event loop. The wall clock changes within 1 ms. */
const MAX_SEARCH_MICROS = 2_500;

/**
 * Measures the offset of the monotonic clock to the epoch. The result is exact to a few
 * microseconds, although the wall clock has a resolution of 1 ms: each pair of readings gives a lower
 * and an upper bound of the offset, and a pair taken when the millisecond changes gives it exactly.
 */
export class EpochClock implements MicrosClock {
  private low = -Infinity;
  private high = Infinity;

  /**
   * @param now Monotonic clock, microseconds since any point in time.
   * @param epochMillis Wall clock, milliseconds since the epoch.
   */
  constructor(
    private readonly now = (): number => timers.monotonicMillis() * 1000,
    private readonly epochMillis = timers.epochMillis,
  ) {}

  monotonicMicros(): number {
    return this.now();
  }

  epochOffsetMicros(): number {
    const start = this.now();
    do this.compare();
    while (this.high - this.low > EXACT_MICROS && this.now() - start < MAX_SEARCH_MICROS);
    return (this.low + this.high) / 2;
  }

  private compare(): void {
    const before = this.now();
    const epochMicros = this.epochMillis() * 1000;
    const after = this.now();
    const low = epochMicros - after;
    const high = epochMicros + 1000 - before;
    // The system's clock was set, so the earlier bounds no longer hold.
    const isStale = low > this.high || high < this.low;
    this.low = isStale ? low : Math.max(low, this.low);
    this.high = isStale ? high : Math.min(high, this.high);
  }
}
