import { BitWriter } from './BitWriter';
import { Chunk } from './Chunk';
import type { ChunkMemory } from './ChunkMemory';
import { type Point, readChunk } from './readChunk';

/** A series: its samples in chunks, in the order of time. */
export class Series {
  /** By number. Numbers go on when the oldest chunks are dropped. */
  readonly chunks = new Map<number, Chunk>();
  private nextChunk = 0;
  /** Of the head chunk. */
  private readonly bits = new BitWriter();

  /** @param memory Gets the full chunks. */
  constructor(
    readonly ref: number,
    readonly name: string,
    private readonly memory: ChunkMemory,
  ) {}

  /** Adds a sample. Returns false and drops it if it is not newer than the last one. */
  append(time: number, value: number): boolean {
    let head = this.head();
    if (head === undefined) {
      head = this.cut(time);
    } else if (time <= head.lastTime) {
      return false;
    } else if (!head.takes(time)) {
      head.seal(this.memory);
      head = this.cut(time);
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
  protected cut(time: number): Chunk {
    const chunk = new Chunk(time, this.bits);
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

  protected override cut(time: number): Chunk {
    return (this.headChunk = super.cut(time));
  }
}
