/**
 * CPU of a wake-up, from the switch to the thread until JavaScript runs: kernel and libuv, which
 * hits hardly ever find. `npm run bench:accuracy`, column "rules / thread" of the cells at 10 and
 * 30 %: the CPU that no rule and no hit accounts for, per time slice.
 */
const WAKE_UP_SECONDS = 25e-6;

/**
 * Returns the CPU that wake-ups cost a thread, at most all of its `cpuSeconds`. Pure.
 *
 * @param timeslices Times the thread was put on a processor. `undefined`: unknown, hence 0.
 */
export function wakeUpSeconds(timeslices: number | undefined, cpuSeconds: number): number {
  return Math.min(cpuSeconds, (timeslices ?? 0) * WAKE_UP_SECONDS);
}

/**
 * From this much waiting per CPU on, samples speak for waiting too: `npm run bench:accuracy`, cells
 * `shared`.
 */
const CONTENDED_SHARE = 0.1;

/**
 * Whether a thread that used `threadSeconds` of CPU waited for a processor for more than a tenth of
 * that, and long enough to be sampled while it did. Pure.
 */
export function isContended(
  waitSeconds: number | undefined,
  threadSeconds: number,
  samplingIntervalMicros: number,
): boolean {
  if (waitSeconds === undefined) return false;
  return waitSeconds > Math.max(CONTENDED_SHARE * threadSeconds, samplingIntervalMicros / 1e6);
}
