import { boundedString } from '../base/boundedString';
import type { ConsumerQueue } from './ConsumerQueue';

/** Names that dropped windows are counted by. Further names share {@link OTHER}. */
const MAX_NAMES = 100;
const OTHER = 'other';

/** The consumers of a collector, and how many windows the consumers of each name have missed. */
export class ConsumerSet {
  private readonly queues = new Set<ConsumerQueue>();
  /** Windows that removed consumers missed, by name. */
  private readonly droppedBefore = new Map<string, number>();

  get size(): number {
    return this.queues.size;
  }

  [Symbol.iterator](): Iterator<ConsumerQueue> {
    return this.queues.values();
  }

  add(queue: ConsumerQueue): void {
    this.queues.add(queue);
    this.countDropped(this.droppedBefore, queue.name, 0);
  }

  has(queue: ConsumerQueue): boolean {
    return this.queues.has(queue);
  }

  /** Returns whether `queue` was in the set. */
  delete(queue: ConsumerQueue): boolean {
    if (!this.queues.delete(queue)) return false;
    this.countDropped(this.droppedBefore, queue.name, queue.dropped);
    return true;
  }

  /** Returns the windows missed by the name of the consumer, removed ones included. Never falls. */
  dropped(): Map<string, number> {
    const sums = new Map(this.droppedBefore);
    for (const { name, dropped } of this.queues) this.countDropped(sums, name, dropped);
    return sums;
  }

  private countDropped(sums: Map<string, number>, name: string, count: number): void {
    const short = boundedString(name);
    const key = sums.has(short) || sums.size < MAX_NAMES ? short : OTHER;
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
}
