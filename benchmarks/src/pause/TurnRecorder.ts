/** One turn of the event loop. Both times are values of `performance.now()`. */
export interface Turn {
  readonly start: number;
  readonly end: number;
}

/** The recorder ignores turns shorter than this. */
const SHORTEST_MILLIS = 0.1;

/**
 * Measures how long the turns of the event loop take: an immediate in every turn notes the time. It
 * does not depend on any profiler. While it records, the event loop never waits, so record only for
 * the time of interest.
 */
export class TurnRecorder {
  private turns: Turn[] = [];
  private previous = 0;
  private recording = false;

  start(): void {
    if (this.recording) return;
    this.turns = [];
    this.recording = true;
    this.previous = performance.now();
    setImmediate(this.tick);
  }

  /** Stops recording. @returns the turns since {@link start}. */
  stop(): readonly Turn[] {
    this.recording = false;
    return this.turns;
  }

  private readonly tick = (): void => {
    if (!this.recording) return;
    const now = performance.now();
    if (now - this.previous >= SHORTEST_MILLIS) this.turns.push({ start: this.previous, end: now });
    this.previous = now;
    setImmediate(this.tick);
  };
}

/** Returns the longest turn that overlaps the time between `from` and `to`, in milliseconds. */
export function longestTurn(turns: readonly Turn[], from: number, to: number): number {
  const touching = turns.filter(({ start, end }) => end > from && start < to);
  return Math.max(0, ...touching.map(({ start, end }) => end - start));
}
