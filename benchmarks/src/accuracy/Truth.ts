import { threadCpuMicros } from './threadCpu';

const CALIBRATION_PIECES = 20_000;

/**
 * What the rules really used: the CPU clock of the thread around each synchronous piece of their work, and what reading the
 * clock itself costs, which happens in the rule as well.
 */
export class Truth {
  private readonly pieces = new Map<string, { count: number; cpuMicros: number }>();
  /** CPU that measuring a piece costs and that its clock does not see. */
  private readonly hiddenMicros: number;

  constructor() {
    const calibrate = (): number => {
      const before = threadCpuMicros();
      for (let i = 0; i < CALIBRATION_PIECES; i++) this.measure('', () => undefined);
      return threadCpuMicros() - before;
    };
    calibrate();
    this.pieces.clear();
    const all = calibrate();
    this.hiddenMicros = (all - (this.pieces.get('')?.cpuMicros ?? 0)) / CALIBRATION_PIECES;
    this.pieces.clear();
  }

  /** Runs the synchronous `piece` and adds its CPU to `rule`. */
  measure<R>(rule: string, piece: () => R): R {
    const before = threadCpuMicros();
    try {
      return piece();
    } finally {
      const cpuMicros = threadCpuMicros() - before;
      let sums = this.pieces.get(rule);
      if (sums === undefined) this.pieces.set(rule, (sums = { count: 0, cpuMicros: 0 }));
      sums.count++;
      sums.cpuMicros += cpuMicros;
    }
  }

  /** Seconds by rule. */
  seconds(): Record<string, number> {
    return Object.fromEntries(
      [...this.pieces].map(([rule, { count, cpuMicros }]) => [
        rule,
        (cpuMicros + count * this.hiddenMicros) / 1e6,
      ]),
    );
  }
}
