import type { Sample } from '../log/Sample';
import { BitWriter } from './BitWriter';
import {
  BITS,
  COUNT,
  DELTA_BITS,
  HEADER_WORDS,
  MAX_LEADING,
  TIME_HIGH,
  TIME_LOW,
} from './encoding';

/** Bits that a sample takes at most: 4 + 32 for the time, 2 + 5 + 6 + 64 for the value. */
const MAX_SAMPLE_BITS = 113;

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/**
 * Compresses samples as in the paper on Gorilla (Pelkonen et al., 2015): times by their delta of
 * delta, values by XOR with the value before. FORMAT.md has the bits.
 */
export class SampleEncoder extends BitWriter {
  /** Of the last sample. */
  time = -Infinity;
  private delta = 0;
  private high = 0;
  private low = 0;
  private leading = 64;
  private trailing = 64;

  /** @param samples Samples of a chunk at most. */
  constructor(samples: number) {
    super(HEADER_WORDS * 32 + samples * MAX_SAMPLE_BITS);
  }

  /** Begins a chunk with its first sample, whose time is in the header. Returns the words. */
  begin({ time, value }: Sample): Uint32Array {
    this.clear();
    this.length = HEADER_WORDS * 32;
    this.words[TIME_HIGH] = Math.floor(time / 2 ** 32);
    this.words[TIME_LOW] = time;
    this.time = time;
    this.delta = this.high = this.low = 0;
    this.leading = this.trailing = 64;
    float[0] = value;
    this.writeValue(halves[1]!, halves[0]!);
    this.words[COUNT] = 1;
    this.words[BITS] = this.length;
    return this.words;
  }

  /** Writes a sample. Returns false if the delta of delta of its time has more than 32 bits. */
  write({ time, value }: Sample): boolean {
    const delta = time - this.time;
    const change = delta - this.delta;
    if (change !== (change | 0)) return false;
    this.delta = delta;
    this.time = time;
    float[0] = value;
    this.writeChange(change);
    this.writeValue(halves[1]!, halves[0]!);
    this.words[COUNT]!++;
    this.words[BITS] = this.length;
    return true;
  }

  /** Writes a delta of delta. */
  private writeChange(change: number): void {
    if (change === 0) this.writeBits(0, 1);
    else if (change >= -63 && change <= 64) this.writeBits((0b10 << 7) | (change & 0x7f), 9);
    else if (change >= -255 && change <= 256) this.writeBits((0b110 << 9) | (change & 0x1ff), 12);
    else if (change >= -2047 && change <= 2048)
      this.writeBits((0b1110 << 12) | (change & 0xfff), 16);
    else {
      this.writeBits(0b1111, 4);
      this.writeBits(change, DELTA_BITS[4]);
    }
  }

  /** Writes the halves of a value. */
  private writeValue(newHigh: number, newLow: number): void {
    const high = newHigh ^ this.high;
    const low = newLow ^ this.low;
    if ((high | low) === 0) {
      this.writeBits(0, 1);
      return;
    }
    this.high = newHigh;
    this.low = newLow;
    const leading = Math.min(countLeading(high, low), MAX_LEADING);
    const trailing = countTrailing(high, low);
    if (leading >= this.leading && trailing >= this.trailing) {
      this.writeBits(0b10, 2);
    } else {
      this.leading = leading;
      this.trailing = trailing;
      const length = 64 - leading - trailing;
      this.writeBits((0b11 << 11) | (leading << 6) | (length & 0x3f), 13);
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
      this.writeBits(high >>> shift, length - 32);
      this.writeBits(shiftedLow, 32);
    } else {
      this.writeBits(shiftedLow, length);
    }
  }
}

function countLeading(high: number, low: number): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

function countTrailing(high: number, low: number): number {
  return low === 0 ? 63 - Math.clz32(high & -high) : 31 - Math.clz32(low & -low);
}
