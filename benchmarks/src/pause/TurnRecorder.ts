/** A turn of the event loop, in `performance.now()`. */
export interface Turn {
  readonly start: number;
  readonly end: number;
}

/** Shorter turns are not kept. */
const SHORTEST_MILLIS = 0.1;

/**
 * How long the turns of the event loop take, seen from the loop itself: an immediate in every turn notes the time. It knows
 * nothing of profilers. As it keeps the loop from ever waiting, it runs only while it is asked to.
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

  /** @returns the turns since {@link start}. */
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

/** The longest turn that has a part between `from` and `to`, milliseconds. */
export function longestTurn(turns: readonly Turn[], from: number, to: number): number {
  const touching = turns.filter(({ start, end }) => end > from && start < to);
  return Math.max(0, ...touching.map(({ start, end }) => end - start));
}
