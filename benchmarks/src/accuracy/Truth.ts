/**
 * What the rules really used: the CPU clock of the process around each synchronous piece of their work. Not the thread's
 * clock, which `getrusage` brings up to date only at scheduler ticks. Other threads that run at the same
 * time are in it; {@link withoutOtherThreads} takes their share out.
 */
export class Truth {
  private readonly micros = new Map<string, number>();

  /** Runs the synchronous `piece` and adds its CPU to `rule`. */
  measure<R>(rule: string, piece: () => R): R {
    const before = process.cpuUsage();
    try {
      return piece();
    } finally {
      const { user, system } = process.cpuUsage(before);
      this.micros.set(rule, (this.micros.get(rule) ?? 0) + user + system);
    }
  }

  /** Seconds by rule, when `threadShare` of the process's CPU was used by the sampled thread. */
  withoutOtherThreads(threadShare: number): Record<string, number> {
    return Object.fromEntries(
      [...this.micros].map(([rule, micros]) => [rule, (micros / 1e6) * threadShare]),
    );
  }
}
