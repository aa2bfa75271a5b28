import { type Moment, timers } from '@rulescope/profiler/internal';

/** Returns the present moment. */
export function readClocks(): Moment {
  return { epochMillis: timers.epochMillis(), monotonicMillis: timers.monotonicMillis() };
}
