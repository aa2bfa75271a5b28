import { BitWriter } from './BitWriter';
import { DELTA_BITS, MAX_LEADING } from './encoding';

/** Bits that a sample takes at most: 4 + 32 for the time, 2 + 5 + 6 + 64 for the value. */
const MAX_SAMPLE_BITS = 113;

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/**
 * Compresses samples as in the paper on Gorilla (Pelkonen et al., 2015): times by their delta of
 * delta, values by XOR with the value before. FORMAT.md has the bits.
 */
export class SampleEncoder {
  readonly bits = new BitWriter();
  private time = 0;
  private delta = 0;
  private high = 0;
  private low = 0;
  private leading = 64;
  private trailing = 64;

  /** Begins a chunk. Returns this encoder. */
  begin(time: number): this {
    this.bits.clear();
    this.time = time;
    this.delta = this.high = this.low = 0;
    this.leading = this.trailing = 64;
    return this;
  }

  /** Tells whether a time can be written: its delta of delta has 32 bits. */
  takes(time: number): boolean {
    const change = time - this.time - this.delta;
    return change === (change | 0);
  }

  /** Writes a sample. The first one of a chunk has the time of `begin`, which is not written. */
  write(time: number, value: number, first: boolean): void {
    this.bits.reserve(MAX_SAMPLE_BITS);
    if (!first) this.writeTime(time);
    float[0] = value;
    const low = halves[0]!;
    const high = halves[1]!;
    this.writeXor(high ^ this.high, low ^ this.low);
    this.high = high;
    this.low = low;
  }

  private writeTime(time: number): void {
    const delta = time - this.time;
    const change = delta - this.delta;
    this.delta = delta;
    this.time = time;
    const { bits } = this;
    if (change === 0) bits.write(0, 1);
    else if (change >= -63 && change <= 64) bits.write((0b10 << 7) | (change & 0x7f), 9);
    else if (change >= -255 && change <= 256) bits.write((0b110 << 9) | (change & 0x1ff), 12);
    else if (change >= -2047 && change <= 2048) bits.write((0b1110 << 12) | (change & 0xfff), 16);
    else {
      bits.write(0b1111, 4);
      bits.write(change, DELTA_BITS[4]);
    }
  }

  private writeXor(high: number, low: number): void {
    const { bits } = this;
    if ((high | low) === 0) {
      bits.write(0, 1);
      return;
    }
    const leading = Math.min(countLeading(high, low), MAX_LEADING);
    const trailing = countTrailing(high, low);
    if (leading >= this.leading && trailing >= this.trailing) {
      bits.write(0b10, 2);
    } else {
      this.leading = leading;
      this.trailing = trailing;
      const length = 64 - leading - trailing;
      bits.write((0b11 << 11) | (leading << 6) | (length & 0x3f), 13);
    }
    const length = 64 - this.leading - this.trailing;
    const shift = this.trailing;
    const shiftedLow =
      shift >= 32
        ? high >>> (shift - 32)
        : shift === 0
          ? low
          : (high << (32 - shift)) | (low >>> shift);
    if (length > 32) {
      bits.write(high >>> shift, length - 32);
      bits.write(shiftedLow, 32);
    } else {
      bits.write(shiftedLow, length);
    }
  }
}

function countLeading(high: number, low: number): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

function countTrailing(high: number, low: number): number {
  return low === 0 ? 63 - Math.clz32(high & -high) : 31 - Math.clz32(low & -low);
}
