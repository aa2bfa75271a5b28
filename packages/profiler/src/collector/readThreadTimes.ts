import type { ThreadTimes } from '../model/ClockReading';
import { readFileSync } from 'node:fs';

/** Newer than Node.js 20. */
type Usage = { threadCpuUsage?: () => { user: number; system: number } };

/** Linux: nanoseconds on a processor, nanoseconds waiting for one, times it was put on one. */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * Returns what the kernel counts of the calling thread since it began. `undefined` where Node.js
 * and the system do not tell.
 *
 * Call `process.cpuUsage()` right before: that brings the kernel's figures of the calling thread up
 * to date (`thread_group_cputime` in kernel/sched/cputime.c). Without it they are as old as the
 * last scheduler tick, 1 to 10 ms.
 */
export function readThreadTimes(file = SCHEDSTAT): ThreadTimes | undefined {
  const [cpu = 0, wait = 0, timeslices = 0] = readNumbers(file);
  // A running thread has had a time slice: a kernel that does not count says zero.
  if (timeslices > 0) return { cpuSeconds: cpu / 1e9, waitSeconds: wait / 1e9, timeslices };
  const usage = (process as Usage).threadCpuUsage?.();
  return usage && { cpuSeconds: (usage.user + usage.system) / 1e6 };
}

function readNumbers(file: string): number[] {
  try {
    return readFileSync(file, 'latin1').split(' ').map(Number);
  } catch {
    return [];
  }
}
