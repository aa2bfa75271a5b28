/** Native result for a recording without a hit, even if its first samples have not arrived yet. */
const STUCK_DETECTED = 2;
/** Number of samples that a recording without a hit may have although V8 is not stuck. */
const MAX_PENDING_SAMPLES = 3;
/** Signals of a line-level profiler count as samples too. After so many intervals some are ours. */
const MIN_STUCK_INTERVALS = 10;

/**
 * Returns whether V8 has stopped delivering samples. Pure.
 *
 * @param detected What the native part says about the recording.
 * @param samplesTaken Signals that arrived in the recording.
 * @param intervals Length of the recording in sampling intervals.
 */
export function isStuck(detected: number, samplesTaken: number, intervals: number): boolean {
  return (
    detected === STUCK_DETECTED &&
    samplesTaken > MAX_PENDING_SAMPLES &&
    intervals > MIN_STUCK_INTERVALS
  );
}
