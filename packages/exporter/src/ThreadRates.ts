/** Rates of a series in the last windows of all threads. */
interface Rates {
  /** CPU divided by the length of the window, summed over the threads. */
  usage: number;
  /** One standard error of `usage`. */
  standardError: number;
}

/** Rates of a series in the last window of one thread. */
export interface ThreadRate {
  /** CPU divided by the length of the window. */
  usage: number;
  /** Square of the standard error of `usage`. */
  variance: number;
}

/** Keeps each series' rates equal to the sum over the last windows of all threads. Pure state. */
export class ThreadRates<T extends Rates> {
  private readonly byThread = new Map<number, Map<T, ThreadRate>>();

  /** Replaces the rates of a thread. A series that is not in `rates` has no rate in that thread. */
  set(threadId: number, rates: Map<T, ThreadRate>): void {
    const before = this.byThread.get(threadId);
    if (rates.size > 0) this.byThread.set(threadId, rates);
    else this.byThread.delete(threadId);
    for (const series of new Set([...(before?.keys() ?? []), ...rates.keys()])) {
      this.sumUp(series);
    }
  }

  /** Ends the rates of a series in all threads. */
  delete(series: T): void {
    for (const [threadId, rates] of this.byThread) {
      if (rates.delete(series) && rates.size === 0) this.byThread.delete(threadId);
    }
    this.sumUp(series);
  }

  /** Ends the rates of all series in all threads. */
  clear(): void {
    for (const threadId of [...this.byThread.keys()]) this.set(threadId, new Map());
  }

  /** Sums all threads anew. Adding each difference to the old sum would drift. */
  private sumUp(series: T): void {
    let usage = 0;
    let variance = 0;
    for (const rates of this.byThread.values()) {
      const rate = rates.get(series);
      usage += rate?.usage ?? 0;
      variance += rate?.variance ?? 0;
    }
    series.usage = usage;
    series.standardError = Math.sqrt(variance);
  }
}
