/**
 * Tells where the owner of a series keeps it. All threads share the index, as the goroutines of the
 * story share the map of series: the reader of the log adds series while workers look them up, so
 * each stripe has a lock for one writer or many readers.
 */
const STRIPES = 128;
/** Places of a stripe. A power of two. */
const STRIPE_PLACES = 2048;
const STRIPE_CELLS = 2 + 2 * STRIPE_PLACES;
/** Of the cells of a stripe: the lock, the number of series, then pairs of reference and place. */
const SIZE = 1;
const PAIRS = 2;

/** State of a lock with a writer. Otherwise it is the number of readers. */
const WRITING = -1;

export class SeriesIndex {
  private readonly cells: Int32Array<SharedArrayBuffer>;

  /** @param memory Of another thread's index. Default: a new index. */
  constructor(readonly memory = new SharedArrayBuffer(STRIPES * STRIPE_CELLS * 4)) {
    this.cells = new Int32Array(memory);
  }

  /**
   * Adds a series. 0 is no reference.
   *
   * @throws Error if there is no place left.
   */
  add(ref: number, place: number): void {
    const stripe = stripeOf(ref);
    this.lockToWrite(stripe);
    try {
      if (this.cells[stripe + SIZE]! === STRIPE_PLACES - 1) throw new Error('too many series');
      const pair = this.pairOf(stripe, ref);
      if (this.cells[pair] === 0) this.cells[stripe + SIZE]!++;
      this.cells[pair] = ref;
      this.cells[pair + 1] = place;
    } finally {
      this.unlockAfterWrite(stripe);
    }
  }

  /** Returns the place of a series, or -1 if there is no such series. */
  find(ref: number): number {
    const stripe = stripeOf(ref);
    this.lockToRead(stripe);
    const pair = this.pairOf(stripe, ref);
    const place = this.cells[pair] === 0 ? -1 : this.cells[pair + 1]!;
    Atomics.sub(this.cells, stripe, 1);
    return place;
  }

  /** Returns the pair that has `ref`, or the free one where it would be. */
  private pairOf(stripe: number, ref: number): number {
    const key = ref | 0;
    for (let i = Math.floor(ref / STRIPES); ; i++) {
      const pair = stripe + PAIRS + 2 * (i & (STRIPE_PLACES - 1));
      const found = this.cells[pair]!;
      if (found === key || found === 0) return pair;
    }
  }

  private lockToRead(stripe: number): void {
    for (;;) {
      const readers = Atomics.load(this.cells, stripe);
      if (readers === WRITING) Atomics.wait(this.cells, stripe, WRITING);
      else if (Atomics.compareExchange(this.cells, stripe, readers, readers + 1) === readers)
        return;
    }
  }

  private lockToWrite(stripe: number): void {
    while (Atomics.compareExchange(this.cells, stripe, 0, WRITING) !== 0);
  }

  private unlockAfterWrite(stripe: number): void {
    Atomics.store(this.cells, stripe, 0);
    Atomics.notify(this.cells, stripe);
  }
}

/** Returns the first cell of the stripe of a series. */
function stripeOf(ref: number): number {
  return (ref % STRIPES) * STRIPE_CELLS;
}
