/** Words at the beginning. Most chunks need no more. */
const FIRST_WORDS = 128;

/** Bits in a row, in words of 32. The first bit is the highest of the first word. */
export class BitWriter {
  words = new Uint32Array(FIRST_WORDS);
  /** Bits written. */
  length = 0;

  /** Words that have bits. */
  get usedWords(): number {
    return (this.length + 31) >>> 5;
  }

  /** Makes room for at least `bits` more. */
  reserve(bits: number): void {
    if (((this.length + bits) >>> 5) + 1 <= this.words.length) return;
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
  }

  /** Writes the lowest `count` bits of `value`, 1 to 32. There must be room. */
  write(value: number, count: number): void {
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
    this.words.fill(0, 0, this.usedWords);
    this.length = 0;
  }
}
