import type { Memory } from './memory';

/** Counts what a stressor did, and lists what was lost. */
export class Tally {
  readonly did: Record<string, number> = {};
  readonly lost: string[] = [];

  count(what: string, times = 1): void {
    this.did[what] = (this.did[what] ?? 0) + times;
  }

  /** Adds `otherwise` to the losses unless `ok` is true. */
  check(ok: boolean, otherwise: string): void {
    if (!ok) this.lost.push(otherwise);
  }
}

/** Puts load on the application until `ended` aborts, then cleans up. */
export type Stressor = (tally: Tally, ended: AbortSignal) => Promise<void>;

/** Runs a stressor with a tally in `tallies`. A failure counts as a loss, and never rejects. */
export async function startStressor(
  tallies: Record<string, Tally>,
  name: string,
  stressor: Stressor,
  ended: AbortSignal,
): Promise<void> {
  const tally = (tallies[name] = new Tally());
  try {
    await stressor(tally, ended);
  } catch (error) {
    tally.check(false, `stopped by ${String(error)}`);
  }
}

/** What the application reports at its end. */
export interface AppReport {
  readonly tallies: Readonly<Record<string, Tally>>;
  /** In the order of time. */
  readonly memory: readonly Memory[];
}
