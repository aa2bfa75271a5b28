import { threadCpuMicros } from './threadCpu';

/**
 * Counts what the rules really use: the CPU clock of the thread around each synchronous piece of
 * their work, and what reading the clock itself costs, which happens in the rule as well.
 */
export class Truth {
  private micros = new Map<string, number>();
  /** CPU of the pieces that ended inside the piece under way, microseconds. */
  private nestedMicros = 0;

  /** @param clock Returns the CPU that the thread has used, microseconds. */
  constructor(private readonly clock: () => number = threadCpuMicros) {}

  /** Runs the synchronous `piece` and adds its CPU, less that of pieces inside it, to `rule`. */
  measure<R>(rule: string, piece: () => R): R {
    const nestedBefore = this.nestedMicros;
    this.nestedMicros = 0;
    const before = this.clock();
    try {
      return piece();
    } finally {
      const end = this.clock();
      // From one reading to the next is what a reading costs here and now, with caches as cold as
      // they are. Of the three in the rule, the clock sees the second, the end of the first and the
      // beginning of the third.
      const after = this.clock();
      const cpuMicros = after - before + (after - end);
      const ownMicros = cpuMicros - this.nestedMicros;
      this.nestedMicros = nestedBefore + cpuMicros;
      this.micros.set(rule, (this.micros.get(rule) ?? 0) + ownMicros);
    }
  }

  /** Returns the seconds by rule since the last call. Must not be called inside a piece. */
  take(): Record<string, number> {
    const seconds = [...this.micros].map(([rule, micros]) => [rule, micros / 1e6] as const);
    this.micros = new Map();
    this.nestedMicros = 0;
    return Object.fromEntries(seconds);
  }
}
