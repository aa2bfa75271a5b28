import { readFileSync, readdirSync } from 'node:fs';

/** Short slice of V8's sampling threads that fair sampling sets, nanoseconds. */
export const SHORT_SLICE = 100_000;

/**
 * Returns V8's sampling threads in this process by id, with their time slices in nanoseconds. The
 * slice is NaN if the kernel does not report it.
 */
export function samplingThreads(): Map<number, number> {
  const threads = new Map<number, number>();
  for (const id of readdirSync('/proc/self/task')) {
    try {
      const name = readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trimEnd();
      if (name === 'v8:ProfEvntProc') threads.set(Number(id), sliceOf(id));
    } catch {
      // The thread has ended in the meantime.
    }
  }
  return threads;
}

function sliceOf(id: string): number {
  try {
    const figures = readFileSync(`/proc/self/task/${id}/sched`, 'utf8');
    return Number(/^se\.slice\s*:\s*(\d+)$/m.exec(figures)?.[1] ?? NaN);
  } catch {
    return NaN;
  }
}
