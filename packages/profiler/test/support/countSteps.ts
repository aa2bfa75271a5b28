import type { Steps } from '../../src/base/steps';

/** Does all steps. Returns their number, and the result. */
export function countSteps<T>(steps: Steps<T>): { readonly steps: number; readonly result: T } {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done === true) return { steps: count, result: step.value };
  }
}
