import { readFileSync } from 'node:fs';

/** Burns CPU: some milliseconds per unit. */
export function work(units: number): number {
  let x = 1;
  for (let i = 0; i < units * 200_000; i++) x = Math.sqrt(x + i);
  return x;
}

/** Returns the kernel's CPU time of this thread as of the last scheduler tick, seconds. */
export function threadCpu(): number {
  return parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e9;
}

/** Resolves in a later turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
