import { timers } from '@rulescope/profiler/internal';

/**
 * Does each step in a turn of the event loop of its own, and fulfills with the result. The profiler
 * has the same function, but exporting it for this package would load more modules at start-up.
 */
export async function inTurns<T>(steps: Iterator<void, T, void>): Promise<T> {
  for (;;) {
    await new Promise<void>((resolve) => timers.setImmediate(resolve));
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
