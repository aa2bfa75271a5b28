import { toError } from '../base/errors';
import { timers } from '../base/timers';
import type { Logger } from '../base/logger';
import type { SamplerLabelStorage } from '../labels/LabelStorage';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { WindowCallback } from './Consumer';

/** Most windows that can wait, however short they are. */
const MAX_WAITING = 1_024;

/** Hands windows to one consumer and never waits for it. */
export class ConsumerQueue {
  dropped = 0;
  failed = 0;
  private readonly waiting: ProfileWindow[] = [];
  private missed = 0;
  private draining: Promise<void> | undefined;
  private ended = false;
  /** Stands for the running call of the callback, and owns the asynchronous flow of that call. */
  private call: object | undefined;

  /**
   * @param toleranceMillis Drops a window that ended this long before the latest one. Lag is
   *   measured in time, not in windows: readers that come and go can close many short windows in
   *   one turn of the event loop, and that does not make a consumer slow.
   */
  constructor(
    readonly name: string,
    private readonly callback: WindowCallback,
    private readonly logger: Logger,
    private readonly labels: SamplerLabelStorage,
    private readonly turns: Turns,
    private readonly toleranceMillis: number,
  ) {}

  /** Adds a window and returns at once. The callback runs in a later turn of the event loop. */
  offer(window: ProfileWindow): void {
    if (this.ended) return;
    this.waiting.push(window);
    while (this.isTooFarBehind(window)) {
      this.waiting.shift();
      this.dropped++;
      this.missed++;
    }
    this.draining ??= this.drain();
  }

  /** Takes no more windows. */
  end(): void {
    this.ended = true;
  }

  /**
   * Fulfills when everything offered until `last` fulfills has been handled. Called from within the
   * callback, it fulfills at once, because the callback would otherwise wait for itself.
   */
  async drained(last?: Promise<unknown>): Promise<void> {
    const owner = this.labels.currentOwner();
    if (owner !== undefined && owner === this.call) return;
    await last;
    await this.draining;
  }

  private isTooFarBehind({ endMonotonicMillis: end }: ProfileWindow): boolean {
    const { waiting } = this;
    const oldest = waiting[0]?.endMonotonicMillis ?? end;
    return end - oldest >= this.toleranceMillis || waiting.length > MAX_WAITING;
  }

  private async drain(): Promise<void> {
    await this.turns.next();
    for (let window = this.waiting.shift(); window !== undefined; window = this.waiting.shift()) {
      const delivery = Object.freeze({ missed: this.missed });
      this.missed = 0;
      try {
        // The consumer's own work must not carry labels.
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
 * Gives out turns of the event loop, one per caller, in the order of the calls. The event loop
 * handles everything else that is due between two turns, so the work of several callers does not
 * block it in one piece.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Fulfills in a turn that no other caller gets. Keeps the process alive until then. */
  next(): Promise<void> {
    const turn = this.last.then(() => new Promise<void>((resolve) => timers.setImmediate(resolve)));
    this.last = turn;
    return turn;
  }
}
