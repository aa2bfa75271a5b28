/**
 * Gives out turns of the event loop, one to each who asks, in order. What several have to do then does not add up to one long
 * stop of the loop: in between, it sees to everything else that is due.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Fulfils in a turn that nobody else was given. Keeps the process alive until then. */
  next(): Promise<void> {
    const turn = this.last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    this.last = turn;
    return turn;
  }
}
