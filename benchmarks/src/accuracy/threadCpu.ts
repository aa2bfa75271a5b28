import { openSync, readSync } from 'node:fs';

/** What the kernel's scheduler counts for a thread, nanoseconds and numbers since it began. */
export interface SchedulerStatistics {
  readonly cpuNanos: number;
  /** Time for which the thread was ready to run and had no processor. */
  readonly waitNanos: number;
  readonly timeslices: number;
}

/** Opened in the thread whose clock is wanted. */
const SCHEDSTAT = '/proc/thread-self/schedstat';
const buffer = Buffer.alloc(96);
let file: number | undefined;

/**
 * Returns the CPU that the calling thread has used, microseconds, exact to one. Linux only, for the
 * main thread.
 */
export function threadCpuMicros(): number {
  const length = read();
  let nanos = 0;
  for (let i = 0; i < length; i++) {
    const digit = (buffer[i] ?? 0) - 48;
    if (digit < 0) break;
    nanos = nanos * 10 + digit;
  }
  return nanos / 1000;
}

/** Returns the CPU that `call` uses, milliseconds. Linux only, for the main thread. */
export function cpuMillisOf(call: () => unknown): number {
  const before = threadCpuMicros();
  call();
  return (threadCpuMicros() - before) / 1000;
}

/**
 * Returns all that the scheduler counts for the calling thread. Linux only, for the main thread.
 */
export function schedulerStatistics(): SchedulerStatistics {
  const text = buffer.toString('latin1', 0, read());
  const [cpuNanos = NaN, waitNanos = NaN, timeslices = NaN] = text.split(' ').map(Number);
  return { cpuNanos, waitNanos, timeslices };
}

/**
 * Fills the buffer. What the kernel shows of a running thread is as old as the last scheduler tick,
 * but reading the clock of the process brings it up to date first (`task_sched_runtime` in
 * `thread_group_cputime`, kernel/sched/cputime.c).
 */
function read(): number {
  process.cpuUsage();
  file ??= openSync(SCHEDSTAT, 'r');
  return readSync(file, buffer, 0, buffer.length, 0);
}
