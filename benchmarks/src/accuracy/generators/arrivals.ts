import { exponential } from '../random';

/** Maximum time to sleep, so that the event loop of the caller gets its turn. */
const MAX_SLEEP_MILLIS = 2;
const neverNotified = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits for random events. Their mean rate is `ratePerSecond`, and their distances are exponential.
 * It sleeps without a timer of the event loop, because timers would round to whole milliseconds.
 */
export class Arrivals {
  private next = performance.now();

  constructor(private readonly ratePerSecond: number) {}

  /** Blocks until the next event, or for a short time. @returns the number of events due. */
  wait(): number {
    const rest = Math.min(this.next - performance.now(), MAX_SLEEP_MILLIS);
    if (rest > 0) Atomics.wait(neverNotified, 0, 0, rest);
    let due = 0;
    for (; this.next <= performance.now(); due++)
      this.next += exponential(1000 / this.ratePerSecond);
    return due;
  }
}
