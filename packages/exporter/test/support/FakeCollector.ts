import type {
  Consumer,
  ProfileCollector,
  ProfileWindow,
  WindowCallback,
} from '@rulescope/profiler';

/** A collector whose windows are handed out by hand. */
export class FakeCollector {
  private readonly callbacks = new Map<string, WindowCallback>();
  /** What {@link consumers} says of consumers that are not ours. */
  others: { name: string; dropped: number; failed: number }[] = [];
  /** As far as they are asked for. */
  readonly options = { windowMillis: 1_000 };
  /** Calls of `addConsumer` so far. */
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
    };
  }

  consumers(): { name: string; dropped: number; failed: number }[] {
    return [...this.names.map((name) => ({ name, dropped: 0, failed: 0 })), ...this.others];
  }

  /** Closes a window: every consumer gets it. */
  deliver(window: ProfileWindow): void {
    for (const callback of this.callbacks.values()) callback(window, { missed: 0 });
  }

  /** In the place of the real one. */
  asCollector(): ProfileCollector {
    return this as unknown as ProfileCollector;
  }
}
