/** Timers fire on this grid, microseconds. */
const TIMER_GRID = 1000;

/**
 * Samples a second that can be asked for. A few, not any: what the native sampler needs for an interval stays in memory for the life
 * of the process.
 */
export const RATES: readonly number[] = [10, 25, 50, 100, 200, 500, 1000];

/**
 * The sampling interval for about `hz` samples a second, microseconds. Pure.
 *
 * Never in step with timers, which would always show the sampler the same work: 100 Hz is 99, 1,000 Hz is 990.
 */
export function samplingIntervalOf(hz: number): number {
  const micros = Math.round(1e6 / hz);
  const inStep = micros % TIMER_GRID === 0 || TIMER_GRID % micros === 0;
  return inStep ? micros + Math.round(micros / 99) : micros;
}
