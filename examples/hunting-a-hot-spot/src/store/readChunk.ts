import { BitReader } from './BitReader';
import type { Chunk } from './Chunk';
import { DELTA_BITS, HEADER_WORDS } from './encoding';

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/** A time in milliseconds since 1970, and the value. */
export type Point = readonly [time: number, value: number];

/** Returns the samples of a chunk. */
export function readChunk({ words, count, firstTime }: Chunk): Point[] {
  const bits = new BitReader(words.subarray(HEADER_WORDS));
  const points: Point[] = [];
  let [time, delta] = [firstTime, 0];
  let [high, low, length, trailing] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      delta += readChange(bits);
      time += delta;
    }
    if (bits.read(1) === 1) {
      if (bits.read(1) === 1) {
        const leading = bits.read(5);
        length = bits.read(6) || 64;
        trailing = 64 - leading - length;
      }
      const top = length > 32 ? bits.read(length - 32) : 0;
      const xor = bits.read(Math.min(length, 32));
      if (trailing >= 32) {
        high ^= xor << (trailing - 32);
      } else {
        low ^= xor << trailing;
        high ^= trailing === 0 ? top : (top << trailing) | (xor >>> (32 - trailing));
      }
    }
    halves[0] = low;
    halves[1] = high;
    points.push([time, float[0]!]);
  }
  return points;
}

/** Returns the next delta of delta. Of N bits, the numbers are -2^(N-1)+1 to 2^(N-1); 32: int32. */
function readChange(bits: BitReader): number {
  const ones = bits.countOnes(4);
  const width = DELTA_BITS[ones]!;
  if (width === 0) return 0;
  const raw = bits.read(width);
  if (width === 32) return raw | 0;
  return raw > 2 ** (width - 1) ? raw - 2 ** width : raw;
}
