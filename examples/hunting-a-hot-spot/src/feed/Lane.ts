import { once, EventEmitter } from 'node:events';
import { postWithRule } from 'rulescope';
import { SharedBatch } from './SharedBatch';
import type { Done, Ended, WorkerMessage, WorkerPort } from './messages';

/** Batches that are on their way at the same time. */
const BATCHES = 4;

/**
 * Sends batches to workers, each to all of them. Its batches are used again when all of them have
 * answered.
 */
export class Lane {
  /** The batch to write to. */
  batch: SharedBatch;
  private readonly batches = Array.from({ length: BATCHES }, () => new SharedBatch());
  private readonly pending = new Array<number>(BATCHES).fill(0);
  private readonly free = [...this.batches];
  /** Workers that have not ended. */
  private working: number;
  private readonly events = new EventEmitter();

  constructor(private readonly ports: readonly WorkerPort[]) {
    this.working = ports.length;
    this.post({ type: 'batches', memories: this.batches.map(({ memory }) => memory) });
    for (const port of ports) {
      port.on('message', (answer: Done | Ended) => {
        if ('done' in answer) this.release(answer.done);
        else if (--this.working === 0) this.events.emit('ended');
      });
    }
    this.batch = this.free.pop()!;
  }

  /** Sends a message to all workers of the lane. */
  post(message: WorkerMessage): void {
    for (const port of this.ports) postWithRule(port, message);
  }

  /** Sends what is in `batch`, if anything, and waits for one to write to. */
  async send(): Promise<void> {
    const { length } = this.batch;
    if (length === 0) return;
    const at = this.batches.indexOf(this.batch);
    this.pending[at] = this.ports.length;
    this.post({ type: 'batch', batch: at, length });
    while (this.free.length === 0) await once(this.events, 'released');
    this.batch = this.free.pop()!;
    this.batch.length = 0;
  }

  /** Sends the rest. Resolves when all workers have handled all that was sent to them. */
  async end(): Promise<void> {
    await this.send();
    const ended = once(this.events, 'ended');
    this.post({ type: 'end' });
    await ended;
  }

  private release(at: number): void {
    if (--this.pending[at]! > 0) return;
    this.free.push(this.batches[at]!);
    this.events.emit('released');
  }
}
