/** Words of a block, 4 MiB. */
const BLOCK_WORDS = 2 ** 20;

/** Where words are kept. */
export interface Kept {
  readonly block: Uint32Array;
  /** Place of the first word. */
  readonly start: number;
}

/**
 * Memory for full chunks, in large blocks: an array of its own for each chunk would be more work for
 * the garbage collector than the compression.
 */
export class ChunkMemory {
  private block = new Uint32Array(0);
  private used = 0;

  /** Copies the first `length` words. */
  keep(words: Uint32Array, length: number): Kept {
    if (this.used + length > this.block.length) {
      this.block = new Uint32Array(BLOCK_WORDS);
      this.used = 0;
    }
    const { block, used: start } = this;
    for (let i = 0; i < length; i++) block[start + i] = words[i]!;
    this.used += length;
    return { block, start };
  }
}
