import { AsyncLocalStorage } from 'node:async_hooks';
import { toError } from '../errors';
import type { LabelStorage } from '../labels/LabelStorage';
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
  /** Set in the callback and in all that it starts, whatever context or labels it enters there. */
  private readonly insideCallback = new AsyncLocalStorage<true>();

  constructor(
    readonly name: string,
    private readonly callback: WindowCallback,
    private readonly logger: Logger,
    private readonly labels: LabelStorage,
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

  /** Fulfils when everything offered so far was handled; at once when asked from within the callback, which would wait for itself. */
  async drained(): Promise<void> {
    if (this.insideCallback.getStore() !== true) await this.draining;
  }

  private async drain(): Promise<void> {
    await Promise.resolve();
    for (let window = this.waiting.shift(); window !== undefined; window = this.waiting.shift()) {
      const delivery = Object.freeze({ missed: this.missed });
      this.missed = 0;
      try {
        // What a consumer does has no label.
        await this.labels.run(this.labels.createCarrier(undefined), () =>
          this.insideCallback.run(true, () => this.callback(window, delivery)),
        );
      } catch (thrown) {
        this.failed++;
        this.logger.error(
          `rulescope: consumer ${JSON.stringify(this.name)} failed`,
          toError(thrown),
        );
      }
    }
    this.draining = undefined;
  }
}
