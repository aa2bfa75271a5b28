import type { Clock } from '../../src/collector/Clock';
import type { ClockReading } from '../../src/model/ClockReading';

interface Timer {
  readonly due: number;
  readonly fn: () => void;
}

/** Clock that moves only on request. Each reading takes `readingMillis`. */
export class FakeClock implements Clock {
  static readonly EPOCH = 1_700_000_000_000;
  readingMillis = 0;
  private millis = 0;
  private cpuSeconds = 0;
  private jumpedMillis = 0;
  private readonly timers = new Set<Timer>();

  now(): ClockReading {
    this.millis += this.readingMillis;
    return {
      epochMillis: FakeClock.EPOCH + this.millis + this.jumpedMillis,
      monotonicMillis: this.millis,
      processCpuSeconds: this.cpuSeconds,
    };
  }

  after(millis: number, fn: () => void): () => void {
    const timer = { due: this.millis + millis, fn };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Adds CPU time of the process, without moving the clock. */
  burn(cpuSeconds: number): void {
    this.cpuSeconds += cpuSeconds;
  }

  /** Sets the wall clock forward, or back if `millis` is negative. */
  jump(millis: number): void {
    this.jumpedMillis += millis;
  }

  /** Moves the clock and calls each timer when it is due. */
  advance(millis: number): void {
    const end = this.millis + millis;
    for (let timer = this.nextDue(end); timer !== undefined; timer = this.nextDue(end)) {
      this.timers.delete(timer);
      this.millis = Math.max(this.millis, timer.due);
      timer.fn();
    }
    this.millis = Math.max(this.millis, end);
  }

  private nextDue(end: number): Timer | undefined {
    return [...this.timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
  }
}
