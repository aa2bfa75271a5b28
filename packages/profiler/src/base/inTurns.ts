import type { Steps } from './steps';
import { timers } from './timers';

/**
 * Does each step in a turn of the event loop of its own, and fulfills with the result. The event
 * loop handles everything else that is due between two steps.
 */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    await new Promise<void>((resolve) => timers.setImmediate(resolve));
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
