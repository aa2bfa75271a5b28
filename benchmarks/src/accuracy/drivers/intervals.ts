import type { Work } from '../Work';
import type { Rule } from '../rules';
import type { Stop } from './Driver';

const CONTROL_MILLIS = 1_000;
/** A rate is corrected after at least this many expected bursts. */
const MIN_BURSTS = 20;

/** Runs each rule by its own `setInterval`, with a random offset. */
export function driveIntervals(work: Work): Stop {
  const timers = work.rules.map((rule) => {
    // No two rules have the same period.
    const periodMillis = (1000 / work.rate(rule)) * (0.98 + 0.04 * Math.random());
    return new PacedInterval(work, rule, periodMillis);
  });
  const round = (millis: number): number => Math.floor(millis + Math.random());
  const start = (timer: PacedInterval): void => timer.start(Math.random() * timer.wholeMillis);
  return keepRates(timers, round, (changed) => changed.forEach(start));
}

/** Runs each rule by its own `setInterval`. All start at once, and no period is randomized. */
export function driveIntervalsInPhase(work: Work): Stop {
  const timers = work.rules.map((rule) => new PacedInterval(work, rule, 1000 / work.rate(rule)));
  return keepRates(timers, Math.round, () => timers.forEach((timer) => timer.start(0)));
}

/** Starts `timers`, and restarts them when their periods change. */
function keepRates(
  timers: readonly PacedInterval[],
  round: (millis: number) => number,
  restart: (changed: readonly PacedInterval[]) => void,
): Stop {
  timers.forEach((timer) => timer.correct(round));
  restart(timers);
  const control = setInterval(() => {
    const changed = timers.filter((timer) => timer.correct(round));
    if (changed.length > 0) restart(changed);
  }, CONTROL_MILLIS);
  return () => {
    clearInterval(control);
    timers.forEach((timer) => timer.stop());
  };
}

/**
 * Returns a period that brings a rate closer to the wanted one. It changes by a fifth at most, and
 * is at least 1 ms, the shortest timer.
 * @param share Actual rate / wanted rate.
 */
export function correctPeriod(periodMillis: number, share: number): number {
  return Math.max(1, periodMillis * Math.min(1.2, Math.max(0.8, share)));
}

/**
 * A `setInterval` that keeps its rule's rate. Periods are whole milliseconds, and a busy event loop
 * makes them longer. So the period is corrected now and then.
 */
class PacedInterval {
  wholeMillis = 0;
  private readonly stops: (() => void)[] = [];
  private bursts = 0;
  private since = performance.now();

  constructor(
    private readonly work: Work,
    private readonly rule: Rule,
    private periodMillis: number,
  ) {}

  /** Corrects the period by the actual rate. @returns whether the timer must restart. */
  correct(round: (millis: number) => number): boolean {
    const expected = (this.work.rate(this.rule) * (performance.now() - this.since)) / 1000;
    if (expected >= MIN_BURSTS) {
      this.periodMillis = correctPeriod(this.periodMillis, this.bursts / expected);
      this.bursts = 0;
      this.since = performance.now();
    } else if (this.wholeMillis !== 0) return false;
    const before = this.wholeMillis;
    this.wholeMillis = round(this.periodMillis);
    return this.wholeMillis !== before;
  }

  start(offsetMillis: number): void {
    this.stop();
    const begin = setTimeout(() => {
      const timer = setInterval(() => {
        this.bursts++;
        this.work.run(this.rule);
      }, this.wholeMillis);
      this.stops.push(() => clearInterval(timer));
    }, offsetMillis);
    this.stops.push(() => clearTimeout(begin));
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }
}
