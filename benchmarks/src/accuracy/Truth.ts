import { threadCpuMicros } from './threadCpu';

/**
 * Counts the CPU that the rules really use. It reads the CPU clock of the thread around each
 * synchronous piece of their work. Reading the clock uses CPU inside the rule, so this counts too.
 */
export class Truth {
  private micros = new Map<string, number>();
  /** CPU of the pieces that ended inside the current piece, in microseconds. */
  private nestedMicros = 0;

  /** @param clock Returns the CPU that the thread has used, in microseconds. */
  constructor(private readonly clock: () => number = threadCpuMicros) {}

  /** Runs the synchronous `piece` and adds its CPU to `rule`, without that of pieces inside it. */
  measure<R>(rule: string, piece: () => R): R {
    const nestedBefore = this.nestedMicros;
    this.nestedMicros = 0;
    const before = this.clock();
    try {
      return piece();
    } finally {
      const end = this.clock();
      // All three readings run inside the rule, but `after - before` covers only two of them: the
      // end of the first, the second, and the beginning of the third. `after - end` is the cost of
      // one more, with the caches as cold as they are now.
      const after = this.clock();
      const cpuMicros = after - before + (after - end);
      const ownMicros = cpuMicros - this.nestedMicros;
      this.nestedMicros = nestedBefore + cpuMicros;
      this.micros.set(rule, (this.micros.get(rule) ?? 0) + ownMicros);
    }
  }

  /** Returns the CPU seconds per rule since the last call. Do not call it inside a piece. */
  take(): Record<string, number> {
    const seconds = [...this.micros].map(([rule, micros]) => [rule, micros / 1e6] as const);
    this.micros = new Map();
    this.nestedMicros = 0;
    return Object.fromEntries(seconds);
  }
}
