/**
 * Longest wait of a collection for workers, milliseconds. An SDK drops all values of a collection
 * that takes longer than its timeout.
 */
export const COLLECTION_MILLIS = 200;

/** Work that ends windows, for which collections wait. */
export class PendingWork {
  private last: Promise<void> | undefined;

  /**
   * Fulfills when the accounts have all windows that a collection must wait for. `undefined` if they
   * have them already.
   */
  get done(): Promise<void> | undefined {
    return this.last;
  }

  /** Lets collections wait for `work`. */
  add(work: Promise<void>): Promise<void> {
    const pending = work.then(() => {
      if (this.last === pending) this.last = undefined;
    });
    this.last = pending;
    return pending;
  }
}
