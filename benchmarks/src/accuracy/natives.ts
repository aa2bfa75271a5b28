import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { median } from '../statistics';
import { cpuMillisOf } from './threadCpu';

/** Prepares a call into native code whose CPU grows with `size`. */
type Native = (size: number) => () => unknown;

const text = (length: number): string =>
  Array.from({ length: Math.ceil(length / 8) }, (_, index) => `${(index * 7919) % 9973} word `)
    .join('')
    .slice(0, length);

const NATIVES: readonly Native[] = [
  (size) => {
    const records = Array.from({ length: size }, (_, id) => ({ id, name: `item ${id}` }));
    return () => JSON.parse(JSON.stringify(records)) as unknown;
  },
  (size) => {
    const bytes = Buffer.from(text(size * 16));
    return () => deflateSync(bytes);
  },
  (size) => {
    const words = text(size * 16);
    return () => words.replace(/(\d+)\s+(\w+)/g, '$2 $1');
  },
  (size) => {
    const values = Array.from({ length: size }, (_, index) => `${(index * 7919) % 9973}`);
    return () => [...values].sort();
  },
  (size) => {
    const bytes = Buffer.alloc(size * 64, 'x');
    return () => createHash('sha256').update(bytes).digest();
  },
];

const FIRST_SIZE = 100;
const ROUNDS = 6;
const CALLS_PER_ROUND = 9;

/**
 * Returns one native call for each of `burstMillis`, which uses about that much CPU. The kinds of
 * calls alternate. Calibration also alternates the calls, so that the caches are as cold as later.
 */
export function calibrateNatives(burstMillis: readonly number[]): (() => unknown)[] {
  const natives = burstMillis.map((_, index) => NATIVES[index % NATIVES.length] as Native);
  let sizes = burstMillis.map(() => FIRST_SIZE);
  let calls = natives.map((native) => native(FIRST_SIZE));
  for (let round = 0; round < ROUNDS; round++) {
    const usedMillis: number[][] = calls.map(() => []);
    for (let turn = 0; turn < CALLS_PER_ROUND; turn++) {
      calls.forEach((call, index) => usedMillis[index]?.push(cpuMillisOf(call)));
    }
    sizes = sizes.map((size, index) => {
      const factor = (burstMillis[index] ?? 0) / median(usedMillis[index] ?? []);
      return Math.max(1, Math.round(size * Math.min(20, factor)));
    });
    calls = natives.map((native, index) => native(sizes[index] ?? FIRST_SIZE));
  }
  return calls;
}
