import { readFileSync } from 'node:fs';

/** Burns some milliseconds of CPU: as many for each unit. */
export function work(units: number): number {
  let x = 1;
  for (let i = 0; i < units * 200_000; i++) x = Math.sqrt(x + i);
  return x;
}

/** CPU of the calling thread so far by the kernel, seconds, as of the last scheduler tick. */
export function threadCpu(): number {
  return parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e9;
}

/** Fulfils in a later turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
