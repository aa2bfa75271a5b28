import { Chunk } from './Chunk';
import type { ChunkMemory } from './ChunkMemory';
import { SampleEncoder } from './SampleEncoder';
import { type Point, readChunk } from './readChunk';

/** A series: its samples in chunks, in the order of time. */
export class Series {
  readonly chunks: Chunk[] = [];
  private lastTime = -Infinity;
  /** Of the head chunk. */
  private readonly encoder = new SampleEncoder();

  /** @param memory Gets the full chunks. */
  constructor(
    readonly ref: number,
    readonly name: string,
    private readonly memory: ChunkMemory,
  ) {}

  /** Adds a sample. Returns false and drops it if it is not newer than the last one. */
  append(time: number, value: number): boolean {
    if (time <= this.lastTime) return false;
    let head = this.head(time);
    if (head === undefined) {
      head = this.cut(time);
    } else if (!head.takes(time)) {
      head.seal(this.memory);
      head = this.cut(time);
    }
    head.append(time, value);
    this.lastTime = time;
    return true;
  }

  /** Returns the samples from `from` to `to`, milliseconds, both included. */
  select(from: number, to: number): Point[] {
    return this.chunks
      .slice(Math.max(0, this.placeOf(from)), this.placeOf(to) + 1)
      .flatMap(readChunk)
      .filter(([time]) => time >= from && time <= to);
  }

  /** Returns the chunk that a sample is added to. */
  protected head(time: number): Chunk | undefined {
    return this.chunks[this.placeOf(time)];
  }

  /** Begins a chunk. */
  protected cut(time: number): Chunk {
    const chunk = new Chunk(time, this.encoder.begin(time));
    this.chunks.push(chunk);
    return chunk;
  }

  /** Returns the place of the last chunk that begins at `time` or before, or -1. */
  private placeOf(time: number): number {
    let [low, high] = [0, this.chunks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.chunks[middle]!.firstTime <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Finding 2: a series that keeps its head chunk. It changes every 120 samples, and to find it took
 * longer than to add the sample.
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
