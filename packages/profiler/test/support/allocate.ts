import { runInThisContext } from 'node:vm';

/** Of what {@link holder} makes: 126 slots with their header, and the array that has them. */
const BYTES_EACH = 126 * 8 + 16 + 32;

/** A function of that name that allocates about `megabytes` and returns it, and how many bytes that is exactly. */
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
