/**
 * What the rules really used: the CPU clock of the process around each synchronous piece of their work. Not the thread's
 * clock, which `getrusage` brings up to date only at scheduler ticks. What other threads used at the same time is in
 * it; {@link withoutOtherThreads} takes it out.
 */
export class Truth {
  private readonly pieces = new Map<string, { cpuMicros: number; wallMillis: number }>();

  /** Runs the synchronous `piece` and adds its CPU to `rule`. */
  measure<R>(rule: string, piece: () => R): R {
    const wallBefore = performance.now();
    const cpuBefore = process.cpuUsage();
    try {
      return piece();
    } finally {
      const { user, system } = process.cpuUsage(cpuBefore);
      let sums = this.pieces.get(rule);
      if (sums === undefined) this.pieces.set(rule, (sums = { cpuMicros: 0, wallMillis: 0 }));
      sums.cpuMicros += user + system;
      sums.wallMillis += performance.now() - wallBefore;
    }
  }

  /**
   * Seconds by rule, when all other threads together used `otherThreads` seconds of CPU in each second: that is the sampler's
   * thread above all, which is as busy while a rule runs as while none does.
   */
  withoutOtherThreads(otherThreads: number): Record<string, number> {
    return Object.fromEntries(
      [...this.pieces].map(([rule, { cpuMicros, wallMillis }]) => [
        rule,
        cpuMicros / 1e6 - (wallMillis / 1e3) * otherThreads,
      ]),
    );
  }
}
