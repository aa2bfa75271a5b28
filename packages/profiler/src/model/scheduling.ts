/**
 * CPU time of one wake-up, seconds: from the switch to the thread until JavaScript runs. The kernel
 * and libuv use it, and hits hardly ever find it. Source: `npm run bench:accuracy`, column "rules /
 * thread" of the cells at 10 and 30 %. It is the CPU per time slice that neither a rule nor a hit
 * accounts for.
 */
const WAKE_UP_SECONDS = 25e-6;

/**
 * Returns the CPU time that wake-ups cost a thread, at most `cpuSeconds`. Pure.
 *
 * @param timeslices Number of times the thread was put on a processor. `undefined` means unknown
 *   and counts as 0.
 */
export function wakeUpSeconds(timeslices: number | undefined, cpuSeconds: number): number {
  return Math.min(cpuSeconds, (timeslices ?? 0) * WAKE_UP_SECONDS);
}

/**
 * Waiting time per CPU time above which samples represent waiting too. Source:
 * `npm run bench:accuracy`, cells `shared`.
 */
const CONTENDED_SHARE = 0.1;

/**
 * Returns whether a thread that used `threadSeconds` of CPU waited for a processor for more than a
 * tenth of that time, and long enough to be sampled while it waited. Returns `false` if
 * `waitSeconds` is unknown. Pure.
 */
export function isContended(
  waitSeconds: number | undefined,
  threadSeconds: number,
  samplingIntervalMicros: number,
): boolean {
  if (waitSeconds === undefined) return false;
  return waitSeconds > Math.max(CONTENDED_SHARE * threadSeconds, samplingIntervalMicros / 1e6);
}
