import { exponential } from '../random';

/** Wakes at least so often, so that the event loop of the caller gets its turn. */
const MAX_SLEEP_MILLIS = 2;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * Tells when events arrive that come at `ratePerSecond` and exponential distances. It sleeps
 * without a timer of the event loop, which would put the events on a grid of whole milliseconds.
 */
export class Arrivals {
  private next = performance.now();

  constructor(private readonly ratePerSecond: number) {}

  /** Blocks until the next event or for a short time. @returns how many events are due. */
  wait(): number {
    const rest = Math.min(this.next - performance.now(), MAX_SLEEP_MILLIS);
    if (rest > 0) Atomics.wait(nobody, 0, 0, rest);
    let due = 0;
    for (; this.next <= performance.now(); due++)
      this.next += exponential(1000 / this.ratePerSecond);
    return due;
  }
}
