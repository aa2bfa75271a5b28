import { spawnSync } from 'node:child_process';
import { median } from '../statistics';
import { spin } from './burn';
import type { Rule } from './rules';
import { cpuMillisOf } from './threadCpu';

/** How long a blocking call of {@link createBlockingBurn} waits, in milliseconds. */
export const BLOCKED_MILLIS = 40;

const CALIBRATION_ROUNDS = 9;
const neverNotified = new Int32Array(new SharedArrayBuffer(4));

/** Calls that block the thread. The first waits in V8, the second for a child process. */
const CALLS: readonly (() => unknown)[] = [
  () => Atomics.wait(neverNotified, 0, 0, BLOCKED_MILLIS),
  () => spawnSync('sleep', [String(BLOCKED_MILLIS / 1000)]),
];

/**
 * Returns a burst that spins and then blocks in a call. The calls alternate. The CPU of the call is
 * part of the burst, so all bursts of a rule use equal CPU. Call `calibrate` first.
 */
export function createBlockingBurn(): (rule: Rule) => void {
  const calls = CALLS.map((block) => {
    const used = Array.from({ length: CALIBRATION_ROUNDS }, () => cpuMillisOf(block));
    return { block, cpuMillis: median(used) };
  });
  let turn = 0;
  return ({ burstMillis }) => {
    const call = calls[turn++ % calls.length];
    spin(Math.max(0, burstMillis - (call?.cpuMillis ?? 0)));
    call?.block();
  };
}
