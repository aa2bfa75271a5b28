import type { SamplerLabelStorage } from '../labels/LabelStorage';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { WindowCallback } from './Consumer';

/** Windows that wait at the most, however short they are. */
const MAX_WAITING = 1_024;

/** Hands windows to one consumer without ever waiting for it. */
export class ConsumerQueue {
  dropped = 0;
  failed = 0;
  private readonly waiting: ProfileWindow[] = [];
  private missed = 0;
  private draining: Promise<void> | undefined;
  /** Stands for the call of the callback that is under way, and owns its flow. */
  private call: object | undefined;

  /**
   * @param toleranceMillis A window that ended so long before the latest is dropped. What counts is time: readers who come and go
   *   make any number of borders in one turn of the event loop, and a consumer is not slow because of that.
   */
  constructor(
    readonly name: string,
    private readonly callback: WindowCallback,
    private readonly logger: Logger,
    private readonly labels: SamplerLabelStorage,
    private readonly turns: Turns,
    private readonly toleranceMillis: number,
  ) {}

  /** Returns at once; the callback runs in a turn of the event loop of its own. */
  offer(window: ProfileWindow): void {
    this.waiting.push(window);
    while (this.isTooFarBehind(window)) {
      this.waiting.shift();
      this.dropped++;
      this.missed++;
    }
    this.draining ??= this.drain();
  }

  /** Fulfils when everything offered so far was handled; at once when asked from within the callback, which would wait for itself. */
  async drained(): Promise<void> {
    const owner = this.labels.currentOwner();
    if (owner === undefined || owner !== this.call) await this.draining;
  }

  private isTooFarBehind({ endTime }: ProfileWindow): boolean {
    const { waiting } = this;
    const oldest = waiting[0]?.endTime ?? endTime;
    return endTime - oldest >= this.toleranceMillis || waiting.length > MAX_WAITING;
  }

  private async drain(): Promise<void> {
    await this.turns.next();
    for (let window = this.waiting.shift(); window !== undefined; window = this.waiting.shift()) {
      const delivery = Object.freeze({ missed: this.missed });
      this.missed = 0;
      try {
        // What a consumer does has no label.
        this.call = {};
        await this.labels.runOwned(this.call, () => this.callback(window, delivery));
      } catch (thrown) {
        this.failed++;
        this.logger.error(
          `rulescope: consumer ${JSON.stringify(this.name)} failed`,
          toError(thrown),
        );
      }
      this.call = undefined;
    }
    this.draining = undefined;
  }
}

/**
 * Gives out turns of the event loop, one to each who asks, in order. What several have to do then does not add up to one long
 * stop of the loop: in between, it sees to everything else that is due.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Fulfils in a turn that nobody else was given. Keeps the process alive until then. */
  next(): Promise<void> {
    const turn = this.last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    this.last = turn;
    return turn;
  }
}
