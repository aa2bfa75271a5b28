import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds, from `from` up to `to`. */
export function between(from: number, to: number): number {
  return from + Math.random() * (to - from);
}

/** Waits so long, or until `ended`. */
export async function pause(millis: number, ended: AbortSignal): Promise<void> {
  // An abort rejects; the loop that waits looks at the signal itself.
  await sleep(millis, undefined, { signal: ended }).catch(() => undefined);
}

/** Keeps the thread in JavaScript for so long. */
export function burn(millis: number): number {
  const end = performance.now() + millis;
  let x = 1;
  while (performance.now() < end) for (let i = 0; i < 1_000; i++) x = Math.sqrt(x + i);
  return x;
}
