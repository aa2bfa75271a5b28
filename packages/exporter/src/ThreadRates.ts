/** What the last windows of all threads say of a series. */
interface Rates {
  /** CPU / length of the window, summed over the threads. */
  utilization: number;
  /** One standard error of `utilization`. */
  standardError: number;
}

/** What the last window of one thread says of a series. */
export interface ThreadRate {
  /** CPU / length of the window. */
  utilization: number;
  /** Square of the standard error of `utilization`. */
  variance: number;
}

/** Keeps the rates of each series the sum over the last windows of all threads. Pure state. */
export class ThreadRates<T extends Rates> {
  private readonly byThread = new Map<number, ReadonlyMap<T, ThreadRate>>();

  /** Replaces the rates of a thread. A series that is not in `rates` has none in that thread. */
  set(threadId: number, rates: ReadonlyMap<T, ThreadRate>): void {
    const before = this.byThread.get(threadId);
    if (rates.size > 0) this.byThread.set(threadId, rates);
    else this.byThread.delete(threadId);
    for (const series of new Set([...(before?.keys() ?? []), ...rates.keys()])) {
      this.sumUp(series);
    }
  }

  /** Sums from the start: adding and subtracting the difference would drift. */
  private sumUp(series: T): void {
    let utilization = 0;
    let variance = 0;
    for (const rates of this.byThread.values()) {
      const rate = rates.get(series);
      utilization += rate?.utilization ?? 0;
      variance += rate?.variance ?? 0;
    }
    series.utilization = utilization;
    series.standardError = Math.sqrt(variance);
  }
}
