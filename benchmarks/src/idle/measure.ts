import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedCollector } from '@rulescope/profiler';

/** `off`: nothing samples. `unfair`, `fair`: rulescope samples without or with fair sampling. */
export const MODES = ['off', 'unfair', 'fair'] as const;
export type Mode = (typeof MODES)[number];

/** The result of one process. */
export interface IdleResult {
  /** CPU of the idle process / elapsed time. */
  readonly idleCpu: number;
  /** How long each `setTimeout(20)` took, in milliseconds. */
  readonly timeoutsMillis: readonly number[];
}

const TIMEOUT_MILLIS = 20;

/**
 * Idles for `seconds` with a server that receives no requests. Then sets one timeout after the
 * other for the same time.
 */
export async function measure(mode: Mode, seconds: number): Promise<IdleResult> {
  const server = createServer().listen(0, '127.0.0.1');
  const consumer =
    mode === 'off'
      ? undefined
      : sharedCollector({ fairSampling: mode === 'fair' }).addConsumer('idle', () => undefined);
  await sleep(1_000);
  const idleCpu = await idle(seconds);
  const timeoutsMillis = await timeouts(seconds);
  await consumer?.remove();
  server.close();
  return { idleCpu, timeoutsMillis };
}

async function idle(seconds: number): Promise<number> {
  const [cpuBefore, before] = [process.cpuUsage(), performance.now()];
  await sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / 1000 / (performance.now() - before);
}

async function timeouts(seconds: number): Promise<number[]> {
  const millis: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let now = performance.now(); now < end;) {
    await sleep(Math.ceil(Math.random() * 5));
    // Timers count whole milliseconds, so each timeout is set at a random phase within one.
    const setAt = Math.ceil(performance.now()) + Math.random();
    while (performance.now() < setAt);
    const set = performance.now();
    await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MILLIS));
    now = performance.now();
    millis.push(now - set);
  }
  return millis;
}
