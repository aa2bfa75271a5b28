/** What a stressor did, and what was lost on the way: nothing, if all is well. */
export class Tally {
  readonly did: Record<string, number> = {};
  readonly lost: string[] = [];

  count(what: string, times = 1): void {
    this.did[what] = (this.did[what] ?? 0) + times;
  }

  /** @param ok Whether it is as it should be. */
  check(ok: boolean, otherwise: string): void {
    if (!ok) this.lost.push(otherwise);
  }
}

/** Does its work until `ended` is aborted, and cleans up behind itself. */
export type Stressor = (tally: Tally, ended: AbortSignal) => Promise<void>;

/** Starts a stressor and keeps its tally in `tallies`. One that fails has lost something; the promise never rejects. */
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

/** Of the process, and what the heap of its main thread holds; bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/** What the application says of itself at the end. */
export interface AppReport {
  readonly tallies: Readonly<Record<string, Tally>>;
  /** Every second. */
  readonly memory: readonly Memory[];
}
