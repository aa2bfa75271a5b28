import { setTimeout as sleep } from 'node:timers/promises';

/** Returns a random number from `from` to `to`. */
export function between(from: number, to: number): number {
  return from + Math.random() * (to - from);
}

/** Waits for `millis` or until `ended` aborts. */
export async function pause(millis: number, ended: AbortSignal): Promise<void> {
  // An abort rejects. The caller checks the signal itself.
  await sleep(millis, undefined, { signal: ended }).catch(() => undefined);
}

/** Keeps the thread busy in JavaScript for `millis`. */
export function burn(millis: number): number {
  const end = performance.now() + millis;
  let x = 1;
  while (performance.now() < end) for (let i = 0; i < 1_000; i++) x = Math.sqrt(x + i);
  return x;
}
