import type { Clock } from '../collector/Clock';

/** Why a request ends before its time: its client is gone, or the handler is closing. */
export type EarlyEnd = 'gone' | 'closing';

/** One request under way. It can be told to end early. */
export class Visit {
  /** Why it was told to, if it was. */
  early: EarlyEnd | undefined;
  private readonly listeners = new Set<(end: EarlyEnd) => void>();

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  /** The first call counts. A client that goes while the handler closes is gone all the same. */
  end(end: EarlyEnd): void {
    if (this.early === undefined || end === 'gone') this.early = end;
    for (const listener of [...this.listeners]) listener(end);
  }

  /** Fulfils after `millis`, or at once when it ends early. */
  wait(millis: number): Promise<'elapsed' | EarlyEnd> {
    return new Promise((resolve) => {
      if (this.early !== undefined) return resolve(this.early);
      const finish = (how: 'elapsed' | EarlyEnd): void => {
        cancel();
        this.listeners.delete(finish);
        resolve(how);
      };
      const cancel = this.clock.after(millis, () => finish('elapsed'));
      this.listeners.add(finish);
    });
  }

  /** What `promise` gives, or the early end if that comes first. */
  async orEarlyEnd<T>(promise: Promise<T>): Promise<T | EarlyEnd> {
    if (this.early !== undefined) return this.early;
    let listener: ((end: EarlyEnd) => void) | undefined;
    const early = new Promise<EarlyEnd>((resolve) => this.listeners.add((listener = resolve)));
    try {
      return await Promise.race([promise, early]);
    } finally {
      if (listener !== undefined) this.listeners.delete(listener);
    }
  }
}
