import type { ChunkMemory } from './ChunkMemory';
import { BITS, COUNT, TIME_HIGH, TIME_LOW } from './encoding';

/** Samples of a full chunk. */
export const CHUNK_SAMPLES = 120;

/**
 * Up to 120 samples of a series, compressed, after a header. All is in words of 32 bits: millions
 * of chunks are common, so an object for each one must be small.
 */
export class Chunk {
  private block: Uint32Array;
  /** Place of the first word. */
  private start = 0;

  /** @param words Of an encoder that has begun a chunk. It works for this one until `seal`. */
  constructor(words: Uint32Array) {
    this.block = words;
  }

  /** Time of the first sample. */
  get firstTime(): number {
    const { block, start } = this;
    return (block[start + TIME_HIGH]! | 0) * 2 ** 32 + block[start + TIME_LOW]!;
  }

  /** Number of samples. */
  get count(): number {
    return this.block[this.start + COUNT]!;
  }

  /** Number of words. */
  get length(): number {
    return (this.block[this.start + BITS]! + 31) >>> 5;
  }

  /** The header and the samples. The last word may be used in part. */
  get words(): Uint32Array {
    return this.block.subarray(this.start, this.start + this.length);
  }

  get full(): boolean {
    return this.count === CHUNK_SAMPLES;
  }

  /** Copies the words to a place in `target`. */
  copyTo(target: Uint32Array, place: number): void {
    const { block, start, length } = this;
    for (let i = 0; i < length; i++) target[place + i] = block[start + i]!;
  }

  /** Moves the words to `memory`. The encoder can then begin another chunk. */
  seal(memory: ChunkMemory): void {
    ({ block: this.block, start: this.start } = memory.keep(this.block, this.length));
  }
}
