import { runInThisContext } from 'node:vm';

/**
 * Size of one array that {@link holder} creates: 126 slots, its elements header and its array
 * object.
 */
const BYTES_EACH = 126 * 8 + 16 + 32;

/**
 * Returns a function with that name that allocates about `megabytes` and returns the objects, and
 * the exact number of bytes.
 */
export function holder(name: string, megabytes: number): { hold: () => unknown; bytes: number } {
  const count = megabytes * 1_000;
  const source = `function ${name}() {
    const all = new Array(${count});
    for (let i = 0; i < ${count}; i++) all[i] = new Array(126).fill(i);
    return all;
  }`;
  const hold = runInThisContext(`(${source})`) as () => unknown;
  return { hold, bytes: count * (BYTES_EACH + 8) };
}
