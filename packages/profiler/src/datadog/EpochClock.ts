import type { MicrosClock } from './ThreadContexts';

/** The offset is known well enough. */
const EXACT_MICROS = 20;
/** So long the event loop is held to find it: `Date.now()` moves within 1 ms. */
const MAX_SEARCH_MICROS = 2_500;

/**
 * Finds the monotonic clock's offset to the epoch's to a few microseconds, although `Date.now()` tells only milliseconds: each pair of
 * readings says between which bounds it lies, one at the turn of a millisecond says it exactly.
 */
export class EpochClock implements MicrosClock {
  private low = -Infinity;
  private high = Infinity;

  /** The two clocks: microseconds since some time, milliseconds since the epoch. */
  constructor(
    private readonly now = (): number => Number(process.hrtime.bigint() / 1000n),
    private readonly epochMillis = (): number => Date.now(),
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
    // Somebody has set the system's clock: what was known of it is no longer so.
    const isStale = low > this.high || high < this.low;
    this.low = isStale ? low : Math.max(low, this.low);
    this.high = isStale ? high : Math.min(high, this.high);
  }
}
