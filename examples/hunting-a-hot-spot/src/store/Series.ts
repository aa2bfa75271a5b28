import { Chunk } from './Chunk';
import { type Point, readChunk } from './readChunk';

/** Words of the first chunk of a series, before its need is known. */
const FIRST_WORDS = 64;

/** A series: its samples in chunks, in the order of time. */
export class Series {
  /** By number. Numbers go on when the oldest chunks are dropped. */
  readonly chunks = new Map<number, Chunk>();
  private nextChunk = 0;

  constructor(
    readonly ref: number,
    readonly name: string,
  ) {}

  /** Adds a sample. Returns false and drops it if it is not newer than the last one. */
  append(time: number, value: number): boolean {
    let head = this.head();
    if (head === undefined) {
      head = this.cut(time, FIRST_WORDS);
    } else if (time <= head.lastTime) {
      return false;
    } else if (!head.takes(time)) {
      head.seal();
      head = this.cut(time, head.words.length + 4);
    }
    head.append(time, value);
    return true;
  }

  /** Returns the samples from `from` to `to`, milliseconds, both included. */
  select(from: number, to: number): Point[] {
    return [...this.chunks.values()]
      .filter(({ firstTime, lastTime }) => lastTime >= from && firstTime <= to)
      .flatMap(readChunk)
      .filter(([time]) => time >= from && time <= to);
  }

  /** Returns the chunk that samples are added to. */
  protected head(): Chunk | undefined {
    return this.chunks.get(this.nextChunk - 1);
  }

  /** Begins a chunk. */
  protected cut(time: number, words: number): Chunk {
    const chunk = new Chunk(time, words);
    this.chunks.set(this.nextChunk++, chunk);
    return chunk;
  }
}

/**
 * Finding 2: a series that keeps its head chunk. It changes every 120 samples, and the look-up took
 * longer than adding the sample.
 */
export class HeadSeries extends Series {
  private headChunk: Chunk | undefined;

  protected override head(): Chunk | undefined {
    return this.headChunk;
  }

  protected override cut(time: number, words: number): Chunk {
    return (this.headChunk = super.cut(time, words));
  }
}
