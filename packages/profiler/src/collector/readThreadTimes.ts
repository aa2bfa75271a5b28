import { readFileSync } from 'node:fs';
import type { ThreadTimes } from '../model/ClockReading';

/** `process.threadCpuUsage` exists from Node.js 22 on. */
type Usage = { threadCpuUsage?: () => { user: number; system: number } };

/**
 * Linux only. Nanoseconds on a processor, nanoseconds waiting for one, and the number of times that
 * the thread was put on one.
 */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * Returns the kernel's figures of the calling thread since the thread began. Returns `undefined` if
 * neither Node.js nor the system has them.
 *
 * Call `process.cpuUsage()` right before: it brings the kernel's figures of the calling thread up
 * to date (`thread_group_cputime` in kernel/sched/cputime.c). Without it they are as old as the
 * last scheduler tick, 1 to 10 ms.
 */
export function readThreadTimes(file = SCHEDSTAT): ThreadTimes | undefined {
  const [cpu = 0, wait = 0, timeslices = 0] = readNumbers(file);
  // A running thread has had a timeslice. Zero means that the kernel does not count them.
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
