import { threadCpuMicros } from './threadCpu';

/**
 * What the rules really used: the CPU clock of the thread around each synchronous piece of their work, and what reading the
 * clock itself costs, which happens in the rule as well.
 */
export class Truth {
  private readonly micros = new Map<string, number>();

  /** Runs the synchronous `piece` and adds its CPU to `rule`. */
  measure<R>(rule: string, piece: () => R): R {
    const before = threadCpuMicros();
    try {
      return piece();
    } finally {
      const end = threadCpuMicros();
      // From one reading to the next is what a reading costs here and now, with caches as cold as they are. Of the three in
      // the rule, the clock sees the second, the end of the first and the beginning of the third.
      const after = threadCpuMicros();
      const cpuMicros = after - before + (after - end);
      this.micros.set(rule, (this.micros.get(rule) ?? 0) + cpuMicros);
    }
  }

  /** Seconds by rule. */
  seconds(): Record<string, number> {
    return Object.fromEntries([...this.micros].map(([rule, micros]) => [rule, micros / 1e6]));
  }
}
