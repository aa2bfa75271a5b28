import { toError } from '../errors';
import type { Logger } from '../logger';
import type { ProfileWindow } from '../window/ProfileWindow';
import type { WindowCallback } from './Consumer';

/** Windows that wait for a consumer at the most, beside the one it is busy with. */
const CAPACITY = 4;

/** Hands windows to one consumer without ever waiting for it. */
export class ConsumerQueue {
  dropped = 0;
  failed = 0;
  private readonly waiting: ProfileWindow[] = [];
  private missed = 0;
  private draining: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly callback: WindowCallback,
    private readonly logger: Logger,
  ) {}

  /** Returns at once; the callback runs in a microtask. */
  offer(window: ProfileWindow): void {
    if (this.waiting.length >= CAPACITY) {
      this.waiting.shift();
      this.dropped++;
      this.missed++;
    }
    this.waiting.push(window);
    this.draining ??= this.drain();
  }

  /** Fulfils when everything offered so far was handled. */
  async drained(): Promise<void> {
    await this.draining;
  }

  private async drain(): Promise<void> {
    await Promise.resolve();
    for (let window = this.waiting.shift(); window !== undefined; window = this.waiting.shift()) {
      const delivery = Object.freeze({ missed: this.missed });
      this.missed = 0;
      try {
        await this.callback(window, delivery);
      } catch (thrown) {
        this.failed++;
        this.report(toError(thrown));
      }
    }
    this.draining = undefined;
  }

  private report(error: Error): void {
    try {
      this.logger.error(`rulescope: consumer ${JSON.stringify(this.name)} failed`, error);
    } catch {
      // A logger that fails has nowhere to be reported; the failure itself is counted.
    }
  }
}
