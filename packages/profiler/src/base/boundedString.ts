/** Longest string that leaves the process as a label or a name, in UTF-16 code units. */
const MAX_LENGTH = 256;
const HASH_LENGTH = 16;

/** Returns whether `value` is no long string. */
export function isBounded(value: unknown): boolean {
  return typeof value !== 'string' || value.length <= MAX_LENGTH;
}

/**
 * Returns `text` if it has at most 256 characters. Otherwise returns its beginning, `~` and a hash
 * of all of it, 256 characters at most: long strings that differ anywhere stay different. Cuts no
 * surrogate pair in half. Pure.
 */
export function boundedString(text: string): string {
  if (isBounded(text)) return text;
  let length = MAX_LENGTH - 1 - HASH_LENGTH;
  if (isSurrogatePair(text, length - 1)) length--;
  // `join` makes a copy. A slice would keep all of `text` in memory.
  return [text.slice(0, length), hash(text, 1) + hash(text, 2)].join('~');
}

function isSurrogatePair(text: string, index: number): boolean {
  return (text.codePointAt(index) ?? 0) > 0xffff;
}

/**
 * Returns 32 bits of MurmurHash3 over the code units, as hexadecimal digits. `node:crypto` takes
 * 10 ms to load, and a rule that forges the hash of another only shares its series.
 */
function hash(text: string, seed: number): string {
  let bits = seed;
  for (let i = 0; i < text.length; i++) {
    const unit = Math.imul(rotate(Math.imul(text.charCodeAt(i), 0xcc9e2d51), 15), 0x1b873593);
    bits = (Math.imul(rotate(bits ^ unit, 13), 5) + 0xe6546b64) | 0;
  }
  bits ^= text.length;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0).toString(16).padStart(HASH_LENGTH / 2, '0');
}

function rotate(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}
