import { openSync, readSync } from 'node:fs';

/** Opened in the thread whose clock is wanted. */
const SCHEDSTAT = '/proc/thread-self/schedstat';
const buffer = Buffer.alloc(64);
let file: number | undefined;

/**
 * CPU that the calling thread has used, microseconds, exact to one. Linux only, for the main thread.
 *
 * What the kernel shows of a running thread is as old as the last scheduler tick, but reading the clock of the process brings
 * it up to date first (`task_sched_runtime` in `thread_group_cputime`, kernel/sched/cputime.c).
 */
export function threadCpuMicros(): number {
  process.cpuUsage();
  file ??= openSync(SCHEDSTAT, 'r');
  const length = readSync(file, buffer, 0, buffer.length, 0);
  let nanos = 0;
  for (let i = 0; i < length; i++) {
    const digit = (buffer[i] ?? 0) - 48;
    if (digit < 0) break;
    nanos = nanos * 10 + digit;
  }
  return nanos / 1000;
}
