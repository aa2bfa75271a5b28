import { openSync, readSync } from 'node:fs';

/** What the kernel's scheduler has counted for a thread since the thread started. */
export interface SchedulerStatistics {
  readonly cpuNanos: number;
  /** Time for which the thread was ready to run and had no processor. */
  readonly waitNanos: number;
  readonly timeslices: number;
}

/** `thread-self` means the thread that opens the file. */
const SCHEDSTAT = '/proc/thread-self/schedstat';
const buffer = Buffer.alloc(96);
let file: number | undefined;

/**
 * Returns the CPU that the calling thread has used, in microseconds and exact to one. Works only on
 * Linux and in the main thread.
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

/** Returns the CPU that `call` uses, in milliseconds. Only on Linux, in the main thread. */
export function cpuMillisOf(call: () => unknown): number {
  const before = threadCpuMicros();
  call();
  return (threadCpuMicros() - before) / 1000;
}

/**
 * Returns what the scheduler has counted for the calling thread. Works only on Linux and in the
 * main thread.
 */
export function schedulerStatistics(): SchedulerStatistics {
  const text = buffer.toString('latin1', 0, read());
  const [cpuNanos = NaN, waitNanos = NaN, timeslices = NaN] = text.split(' ').map(Number);
  return { cpuNanos, waitNanos, timeslices };
}

/**
 * Fills the buffer and returns the length. The kernel updates the numbers of a running thread only
 * at scheduler ticks, but also when the clock of the process is read. So this reads that clock
 * first (`task_sched_runtime` in `thread_group_cputime`, kernel/sched/cputime.c).
 */
function read(): number {
  process.cpuUsage();
  file ??= openSync(SCHEDSTAT, 'r');
  return readSync(file, buffer, 0, buffer.length, 0);
}
