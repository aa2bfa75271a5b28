/** Reads what a `BitWriter` has written. */
export class BitReader {
  private at = 0;

  constructor(private readonly words: Uint32Array) {}

  /** Returns the next `count` bits, 1 to 32, as a number without sign. */
  read(count: number): number {
    const word = this.at >>> 5;
    const left = 32 - (this.at & 31);
    this.at += count;
    const first = (this.words[word]! << (32 - left)) >>> 0;
    if (count <= left) return first >>> (32 - count);
    const more = count - left;
    return ((first >>> (32 - count)) | (this.words[word + 1]! >>> (32 - more))) >>> 0;
  }

  /** Returns the number of ones before the next zero, at most `limit`. Skips that zero. */
  countOnes(limit: number): number {
    let ones = 0;
    while (ones < limit && this.read(1) === 1) ones++;
    return ones;
  }
}
