/** Words of a block, 4 MiB. */
const BLOCK_WORDS = 2 ** 20;

/**
 * Memory for full chunks, in large blocks: an array of its own for each chunk would be more work for
 * the garbage collector than the compression.
 */
export class ChunkMemory {
  private block = new Uint32Array(0);
  private used = 0;

  /** Returns a copy of the first `length` words. */
  keep(words: Uint32Array, length: number): Uint32Array {
    if (this.used + length > this.block.length) {
      this.block = new Uint32Array(BLOCK_WORDS);
      this.used = 0;
    }
    const kept = this.block.subarray(this.used, this.used + length);
    for (let i = 0; i < length; i++) kept[i] = words[i]!;
    this.used += length;
    return kept;
  }
}
