import { readFileSync } from 'node:fs';

/** Newer than Node.js 20. */
type Usage = { threadCpuUsage?: () => { user: number; system: number } };

/** Linux: nanoseconds on a processor, nanoseconds waiting for one, time slices. */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * CPU the calling thread has used since it began, seconds. `undefined` where Node.js and the system do not tell.
 *
 * The kernel adds up exactly, but says so as of the last scheduler tick (1-10 ms): good for windows, not for single calls.
 */
export function threadCpuSeconds(): number | undefined {
  const usage = (process as Usage).threadCpuUsage?.();
  if (usage !== undefined) return (usage.user + usage.system) / 1e6;
  if (process.platform !== 'linux') return undefined;
  try {
    const seconds = parseInt(readFileSync(SCHEDSTAT, 'latin1'), 10) / 1e9;
    return Number.isFinite(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}
