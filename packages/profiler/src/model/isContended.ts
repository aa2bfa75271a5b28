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
