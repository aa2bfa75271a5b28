import type { Clock, Result } from './Sender';

/** What the queue reports. */
export interface QueueEvents {
  sent(result: Result): void;
  /** Requests were dropped: the oldest ones of a full queue, or those of a closed one. */
  dropped(count: number): void;
}

/**
 * Sends one request after the other, in order. A full queue drops its oldest request: the newest
 * ones show the present.
 */
export class SendQueue {
  private readonly waiting: Uint8Array[] = [];
  /** Fulfills when everything was sent. `undefined`: nothing is being sent. */
  private working: Promise<void> | undefined;
  private closed = false;

  /** @param maxSize Requests that may wait beside the one that is being sent. */
  constructor(
    private readonly maxSize: number,
    private readonly send: (request: Uint8Array) => Promise<Result>,
    private readonly events: QueueEvents,
    private readonly clock: Pick<Clock, 'wait'>,
  ) {}

  add(request: Uint8Array): void {
    if (this.closed) return this.events.dropped(1);
    this.waiting.push(request);
    this.working ??= this.work();
    if (this.waiting.length > this.maxSize) {
      this.waiting.shift();
      this.events.dropped(1);
    }
  }

  /** Fulfills when everything was sent. */
  async drained(): Promise<void> {
    await this.working;
  }

  /** Drops what waits, and all further requests. */
  close(): void {
    this.closed = true;
    const { length } = this.waiting.splice(0);
    if (length > 0) this.events.dropped(length);
  }

  private async work(): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const result = await this.send(next);
      this.events.sent(result);
      if (result.pauseMillis > 0) await this.clock.wait(result.pauseMillis);
    }
    // In the same turn as the last look at `waiting`, so that nothing is left there.
    this.working = undefined;
  }
}
