/** The same moment by both clocks. */
export interface Moment {
  /** Time of the wall clock, milliseconds since the epoch. It may jump: it only labels. */
  readonly epochMillis: number;
  /** Time of the monotonic clock that all threads share, milliseconds since the process began. */
  readonly monotonicMillis: number;
}

/** A smaller difference can be a pause between the readings of the two clocks. */
const MIN_JUMP_MILLIS = 1_000;

/**
 * Returns how far the wall clock was set between two moments, milliseconds: 3,600,000 if it was put
 * forward by an hour. Pure.
 */
export function jumpMillis(from: Moment, to: Moment): number {
  const wall = to.epochMillis - from.epochMillis;
  const jump = Math.round(wall - (to.monotonicMillis - from.monotonicMillis));
  return Math.abs(jump) < MIN_JUMP_MILLIS ? 0 : jump;
}
