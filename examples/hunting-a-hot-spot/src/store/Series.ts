import type { Sample } from '../log/Sample';
import { CHUNK_SAMPLES, Chunk } from './Chunk';
import type { ChunkMemory } from './ChunkMemory';
import { SampleEncoder } from './SampleEncoder';
import { type Point, readChunk } from './readChunk';

/** A series: its samples in chunks, in the order of time. */
export class Series {
  readonly chunks: Chunk[] = [];
  /** Of the head chunk. */
  private readonly encoder = new SampleEncoder(CHUNK_SAMPLES);

  /** @param memory Gets the full chunks. */
  constructor(
    readonly ref: number,
    readonly name: string,
    private readonly memory: ChunkMemory,
  ) {}

  /** Adds a sample. Returns false and drops it if it is not newer than the last one. */
  append(sample: Sample): boolean {
    if (sample.time <= this.encoder.time) return false;
    const full = this.head === undefined || this.head.full;
    if (full || !this.encoder.write(sample)) this.cut(sample);
    return true;
  }

  /** Returns the samples from `from` to `to`, milliseconds, both included. */
  select(from: number, to: number): Point[] {
    return this.chunks
      .slice(Math.max(0, this.placeOf(from)), this.placeOf(to) + 1)
      .flatMap(readChunk)
      .filter(([time]) => time >= from && time <= to);
  }

  /** The chunk that samples are added to: the one of the last sample. */
  protected get head(): Chunk | undefined {
    return this.chunks[this.placeOf(this.encoder.time)];
  }

  /** Seals the head and begins a chunk with its first sample. */
  protected cut(first: Sample): Chunk {
    this.head?.seal(this.memory);
    const chunk = new Chunk(this.encoder.begin(first));
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

  protected override get head(): Chunk | undefined {
    return this.headChunk;
  }

  protected override cut(first: Sample): Chunk {
    return (this.headChunk = super.cut(first));
  }
}
