import { boundedString } from '../base/boundedString';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { ConsumerQueue } from './ConsumerQueue';

/** Names that dropped windows are counted by. Further names share {@link OTHER}. */
const MAX_NAMES = 100;
const OTHER = 'other';

/** The consumers of a collector, and how many windows the consumers of each name have missed. */
export class ConsumerSet {
  /** Each with the start of the first window that it gets, by the monotonic clock. */
  private readonly queues = new Map<ConsumerQueue, number>();
  /** Windows that removed consumers missed, by name. */
  private readonly droppedBefore = new Map<string, number>();

  get size(): number {
    return this.queues.size;
  }

  [Symbol.iterator](): Iterator<ConsumerQueue> {
    return this.queues.keys();
  }

  add(queue: ConsumerQueue, sinceMillis: number): void {
    this.queues.set(queue, sinceMillis);
    this.countDropped(this.droppedBefore, queue.name, 0);
  }

  /** Returns whether `queue` was in the set. */
  delete(queue: ConsumerQueue): boolean {
    if (!this.queues.delete(queue)) return false;
    this.countDropped(this.droppedBefore, queue.name, queue.dropped);
    return true;
  }

  /** Hands a window of another thread to the consumers that it belongs to. */
  offer(window: ProfileWindow): void {
    for (const [queue, sinceMillis] of this.queues) {
      // A window that began earlier belongs to the earlier consumers only. The start of a lost
      // window is not known exactly, so every consumer gets it.
      const startMillis = window.endMonotonicMillis - window.durationMillis;
      if (startMillis >= sinceMillis || window.error !== undefined) queue.offer(window);
    }
  }

  /** Returns the windows missed by the name of the consumer, removed ones included. Never falls. */
  dropped(): Map<string, number> {
    const sums = new Map(this.droppedBefore);
    for (const { name, dropped } of this.queues.keys()) this.countDropped(sums, name, dropped);
    return sums;
  }

  private countDropped(sums: Map<string, number>, name: string, count: number): void {
    const short = boundedString(name);
    const key = sums.has(short) || sums.size < MAX_NAMES ? short : OTHER;
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
}
