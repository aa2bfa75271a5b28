import type {
  Consumer,
  ProfileCollector,
  ProfileWindow,
  WindowCallback,
} from '@rulescope/profiler';

/** A collector that delivers windows when a test says so. */
export class FakeCollector {
  private readonly callbacks = new Map<Consumer, WindowCallback>();
  /** Windows that {@link droppedWindows} returns beside ours. */
  readonly dropped = new Map<string, number>();
  /** The options that `RuleMetrics` reads. */
  readonly options = { windowMillis: 1_000 };
  /** Number of calls of `addConsumer`. */
  added = 0;
  /** Age of the open window. */
  windowAgeMillis: number | undefined;
  /** Windows that the next flush or removal delivers. */
  readonly open: ProfileWindow[] = [];
  /** A delivery waits for this. */
  held: Promise<void> | undefined;
  /** Timeouts of the calls of `forceFlush`. */
  readonly flushes: (number | undefined)[] = [];

  get names(): string[] {
    return [...this.callbacks.keys()].map(({ name }) => name);
  }

  addConsumer(name: string, callback: WindowCallback): Consumer {
    this.added++;
    const consumer: Consumer = {
      name,
      dropped: 0,
      failed: 0,
      forceFlush: async (timeoutMillis) => {
        this.flushes.push(timeoutMillis);
        await this.close(callback);
      },
      remove: () => {
        this.callbacks.delete(consumer);
        return this.close(callback);
      },
      [Symbol.dispose]: () => void this.callbacks.delete(consumer),
    };
    this.callbacks.set(consumer, callback);
    return consumer;
  }

  /** Delivers the open windows in a later turn of the event loop, as the real collector does. */
  private async close(callback: WindowCallback): Promise<void> {
    const windows = this.open.splice(0);
    this.windowAgeMillis = 0;
    await new Promise((resolve) => setImmediate(resolve));
    await this.held;
    for (const window of windows) await callback(window, { missed: 0 });
  }

  consumers(): { name: string; dropped: number; failed: number }[] {
    return this.names.map((name) => ({ name, dropped: 0, failed: 0 }));
  }

  droppedWindows(): Map<string, number> {
    return new Map([...this.names.map((name) => [name, 0] as const), ...this.dropped]);
  }

  /** Delivers `window` to every consumer, which missed some windows before it. */
  deliver(window: ProfileWindow, missed = 0): void {
    for (const callback of this.callbacks.values()) callback(window, { missed });
  }

  /** Returns this in the type of the real collector. */
  asCollector(): ProfileCollector {
    return this as unknown as ProfileCollector;
  }
}
