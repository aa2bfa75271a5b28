import type {
  Consumer,
  ProfileCollector,
  ProfileWindow,
  WindowCallback,
} from '@rulescope/profiler';

/** A collector that delivers windows when a test says so. */
export class FakeCollector {
  private readonly callbacks = new Map<string, WindowCallback>();
  /** Windows that {@link droppedWindows} returns beside ours. */
  readonly dropped = new Map<string, number>();
  /** The options that `RuleMetrics` reads. */
  readonly options = { windowMillis: 1_000 };
  /** Number of calls of `addConsumer`. */
  added = 0;

  get names(): string[] {
    return [...this.callbacks.keys()];
  }

  addConsumer(name: string, callback: WindowCallback): Consumer {
    this.added++;
    this.callbacks.set(name, callback);
    return {
      name,
      dropped: 0,
      failed: 0,
      remove: () => {
        this.callbacks.delete(name);
        return Promise.resolve();
      },
      [Symbol.dispose]: () => void this.callbacks.delete(name),
    };
  }

  droppedWindows(): Map<string, number> {
    return new Map([...this.names.map((name) => [name, 0] as const), ...this.dropped]);
  }

  /** Delivers `window` to every consumer. */
  deliver(window: ProfileWindow): void {
    for (const callback of this.callbacks.values()) callback(window, { missed: 0 });
  }

  /** Returns this in the type of the real collector. */
  asCollector(): ProfileCollector {
    return this as unknown as ProfileCollector;
  }
}
