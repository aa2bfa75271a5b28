import { EventEmitter, once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { postWithRule } from 'rulescope';
import { SharedBatch } from './SharedBatch';
import type { Answer, WorkerMessage } from './messages';

/** Batches of a worker. */
const BATCHES = 2;

/** Sends batches of samples to a worker. A batch is used again when the worker has answered it. */
export class Lane {
  /** The batch to write to. */
  batch: SharedBatch;
  private readonly batches = Array.from({ length: BATCHES }, () => new SharedBatch());
  private readonly free = [...this.batches];
  private readonly events = new EventEmitter();

  constructor(private readonly port: MessagePort) {
    this.post({ type: 'batches', memories: this.batches.map(({ memory }) => memory) });
    port.on('message', ({ batch }: Answer) => {
      if (batch === undefined) return;
      this.free.push(this.batches[batch]!);
      this.events.emit('free');
    });
    this.batch = this.free.pop()!;
  }

  /** Sends what is in `batch`, if anything, and waits for one to write to. */
  async send(): Promise<void> {
    const { length } = this.batch;
    if (length === 0) return;
    this.post({ type: 'batch', batch: this.batches.indexOf(this.batch), length });
    while (this.free.length === 0) await once(this.events, 'free');
    this.batch = this.free.pop()!;
    this.batch.length = 0;
  }

  private post(message: WorkerMessage): void {
    postWithRule(this.port, message);
  }
}
