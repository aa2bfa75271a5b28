/** A cache must not keep long strings alive: a rule id can be a text of a megabyte. */
const MAX_KEY_LENGTH = 1_024;

/** Returns whether a cache may keep `text`. */
export function isShort(text: string): boolean {
  return text.length <= MAX_KEY_LENGTH;
}

/**
 * Sets `key` in `map` and returns `value`. Then deletes the oldest entry if there are more than
 * `limit`. Does not set a key of more than `maxLength` characters.
 */
export function setBounded<K, V>(
  map: Map<K, V>,
  key: K,
  value: V,
  limit: number,
  maxLength = MAX_KEY_LENGTH,
): V {
  if (typeof key === 'string' && key.length > maxLength) return value;
  map.set(key, value);
  if (map.size > limit) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  return value;
}
