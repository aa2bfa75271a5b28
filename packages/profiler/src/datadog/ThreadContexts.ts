/** Time for {@link ThreadContexts}. */
export interface MicrosClock {
  /** Microseconds of a clock that never jumps. */
  monotonicMicros(): number;
  /** What to add to them for microseconds since the epoch. */
  epochOffsetMicros(): number;
}

/** Counts samples; the count never falls. */
export interface SampleCounter {
  totalSampleCount(): number;
}

interface Entry {
  context: object | undefined;
  sinceMicros: number;
  samplesBefore: number;
}

/**
 * The contexts of a thread, one after the other: whatever it does from one `setContext` to the next belongs to the one that was
 * set. A sample is matched with its context by the time at which it was taken, so that neither labels nor flows
 * are touched. Keeps no more contexts than samples were taken.
 */
export class ThreadContexts {
  private readonly entries: Entry[] = [];

  constructor(
    private readonly clock: MicrosClock,
    private readonly counter: SampleCounter,
  ) {}

  /** The one set last. */
  current(): object | undefined {
    return this.entries.at(-1)?.context;
  }

  set(context: object | undefined): void {
    const entry = {
      context,
      sinceMicros: this.clock.monotonicMicros(),
      samplesBefore: this.counter.totalSampleCount(),
    };
    // No sample was taken under the one set last: nobody will ask for it.
    if (this.entries.at(-1)?.samplesBefore === entry.samplesBefore) this.entries.pop();
    this.entries.push(entry);
  }

  /** Returns how to find the context of a sample by its time, microseconds since the epoch, in all that was set until now. */
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

  /** Forgets all but the one set last. */
  forgetPast(): void {
    this.entries.splice(0, this.entries.length - 1);
  }

  /** Forgets all. */
  clear(): void {
    this.entries.length = 0;
  }
}
