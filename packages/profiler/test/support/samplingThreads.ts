import { readFileSync, readdirSync } from 'node:fs';

/**
 * Of V8's sampling threads in this process: the short slice that fair sampling asks for,
 * nanoseconds.
 */
export const SHORT_SLICE = 100_000;

/**
 * V8's sampling threads in this process, with their time slices in nanoseconds; NaN where the
 * kernel does not tell.
 */
export function samplingThreads(): Map<number, number> {
  const threads = new Map<number, number>();
  for (const id of readdirSync('/proc/self/task')) {
    try {
      const name = readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trimEnd();
      if (name === 'v8:ProfEvntProc') threads.set(Number(id), sliceOf(id));
    } catch {
      // It has ended since.
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
