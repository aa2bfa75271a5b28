import type { ChunkMemory } from './ChunkMemory';
import type { SampleEncoder } from './SampleEncoder';

/** Samples of a full chunk. */
export const CHUNK_SAMPLES = 120;

/** Up to 120 samples of a series, compressed. */
export class Chunk {
  count = 0;
  private sealed: Uint32Array | undefined;

  /**
   * @param firstTime Time of the first sample.
   * @param encoder Has begun at that time. It works for this chunk until the chunk is sealed.
   */
  constructor(
    readonly firstTime: number,
    private readonly encoder: SampleEncoder,
  ) {}

  /** The compressed samples, in words of 32 bits. The last one may be used in part. */
  get words(): Uint32Array {
    return this.sealed ?? this.encoder.bits.words.subarray(0, this.encoder.bits.usedWords);
  }

  /** Tells whether a sample of `time` can be added. */
  takes(time: number): boolean {
    return this.count < CHUNK_SAMPLES && this.encoder.takes(time);
  }

  /** Adds a sample, which the chunk must take. */
  append(time: number, value: number): void {
    this.encoder.write(time, value, this.count === 0);
    this.count++;
  }

  /** Moves the samples to `memory`. The encoder can then begin another chunk. */
  seal(memory: ChunkMemory): void {
    this.sealed = memory.keep(this.encoder.bits.words, this.encoder.bits.usedWords);
  }
}
