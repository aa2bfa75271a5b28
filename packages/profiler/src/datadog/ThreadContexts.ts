/** The clocks that {@link ThreadContexts} needs. */
export interface MicrosClock {
  /** Returns the microseconds of a clock that never jumps. */
  monotonicMicros(): number;
  /**
   * Returns the difference to microseconds since the epoch, to be added to {@link monotonicMicros}.
   */
  epochOffsetMicros(): number;
}

/** Counts samples. The count never falls. */
export interface SampleCounter {
  totalSampleCount(): number;
}

interface Entry {
  context: object | undefined;
  sinceMicros: number;
  samplesBefore: number;
}

/**
 * The contexts of a thread in the order in which they were set. Everything that the thread does
 * from one `setContext` to the next belongs to the context set first. A sample gets its context by
 * its timestamp, so neither labels nor flows are involved. Keeps at most one context per sample.
 */
export class ThreadContexts {
  private readonly entries: Entry[] = [];

  constructor(
    private readonly clock: MicrosClock,
    private readonly counter: SampleCounter,
  ) {}

  /** Returns the context that was set last. */
  current(): object | undefined {
    return this.entries.at(-1)?.context;
  }

  set(context: object | undefined): void {
    const entry = {
      context,
      sinceMicros: this.clock.monotonicMicros(),
      samplesBefore: this.counter.totalSampleCount(),
    };
    // No sample was taken under the last context, so no lookup will ask for it.
    if (this.entries.at(-1)?.samplesBefore === entry.samplesBefore) this.entries.pop();
    this.entries.push(entry);
  }

  /**
   * Returns a function that finds the context of a sample by its timestamp, microseconds since the
   * epoch. It covers the contexts that were set until now.
   */
  lookup(): (timestamp: number) => object | undefined {
    const entries = [...this.entries];
    if (entries.length < 2) return () => entries[0]?.context;
    const offset = this.clock.epochOffsetMicros();
    return (timestamp) => {
      const micros = timestamp - offset;
      let [low, high] = [0, entries.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((entries[middle]?.sinceMicros ?? 0) <= micros) low = middle;
        else high = middle - 1;
      }
      return entries[low]?.context;
    };
  }

  /** Forgets all contexts but the one that was set last. */
  forgetPast(): void {
    this.entries.splice(0, this.entries.length - 1);
  }

  /** Forgets all contexts. */
  clear(): void {
    this.entries.length = 0;
  }
}
