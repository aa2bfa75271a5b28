/** Bits in a row, in words of 32. The first bit is the highest of the first word. */
export class BitWriter {
  readonly words: Uint32Array;
  /** Bits written. */
  length = 0;

  /** @param bits Bits to make room for. */
  constructor(bits: number) {
    this.words = new Uint32Array((bits + 31) >>> 5);
  }

  /** Writes the lowest `count` bits of `value`, 1 to 32. There must be room. */
  writeBits(value: number, count: number): void {
    const word = this.length >>> 5;
    const free = 32 - (this.length & 31);
    const bits = count === 32 ? value : value & ((1 << count) - 1);
    if (count <= free) {
      this.words[word]! |= bits << (free - count);
    } else {
      this.words[word]! |= bits >>> (count - free);
      this.words[word + 1] = bits << (32 - count + free);
    }
    this.length += count;
  }

  /** Begins again. */
  clear(): void {
    this.words.fill(0, 0, (this.length + 31) >>> 5);
    this.length = 0;
  }
}
