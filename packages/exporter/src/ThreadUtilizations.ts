/** What is summed over threads. */
interface Summed {
  /** The sum. */
  utilization: number;
}

/** Keeps each series' utilization the sum of what the last window of every thread says. Pure state. */
export class ThreadUtilizations<T extends Summed> {
  private readonly byThread = new Map<number, ReadonlyMap<T, number>>();

  /** `used` is what the last window of the thread says; series that are not in it had nothing. */
  set(threadId: number, used: ReadonlyMap<T, number>): void {
    const before = this.byThread.get(threadId);
    if (used.size > 0) this.byThread.set(threadId, used);
    else this.byThread.delete(threadId);
    for (const series of new Set([...(before?.keys() ?? []), ...used.keys()])) {
      // Anew, as sums that are only added to and taken from drift.
      series.utilization = 0;
      for (const last of this.byThread.values()) series.utilization += last.get(series) ?? 0;
    }
  }
}
