/** Native result for a recording without a hit, even if its first samples have not arrived yet. */
const STUCK_DETECTED = 2;
/** Number of samples that a recording without a hit may have although V8 is not stuck. */
const MAX_PENDING_SAMPLES = 3;
/** Signals of a line-level profiler count as samples too. After so many intervals some are ours. */
const MIN_STUCK_INTERVALS = 10;
/**
 * Number of samples, and of intervals, that consecutive recordings without a hit may have together
 * although V8 is not stuck. On a busy machine, short recordings lose their first samples each time.
 */
const MAX_LOST_IN_A_ROW = 20;

/**
 * Detects that V8 has stopped delivering samples. Judges each recording, and all recordings since
 * the last hit together: with many readers, each recording is too short to tell.
 */
export class StuckDetector {
  private samples = 0;
  private intervals = 0;

  /**
   * Returns whether V8 is stuck. Call it for each recording.
   *
   * @param detected What the native part says about the recording.
   * @param samplesTaken Signals that arrived in the recording.
   * @param intervals Length of the recording in sampling intervals.
   */
  isStuck(detected: number, samplesTaken: number, intervals: number): boolean {
    if (detected !== STUCK_DETECTED) {
      this.reset();
      return false;
    }
    this.samples += samplesTaken;
    this.intervals += intervals;
    const stuck =
      (samplesTaken > MAX_PENDING_SAMPLES && intervals > MIN_STUCK_INTERVALS) ||
      Math.min(this.samples, this.intervals) > MAX_LOST_IN_A_ROW;
    if (stuck) this.reset();
    return stuck;
  }

  /** Forgets all recordings. Call it when V8's sampler is started. */
  reset(): void {
    this.samples = 0;
    this.intervals = 0;
  }
}
