/**
 * A computation in steps. Each step does a bounded amount of work, so the caller can let the event
 * loop run in between.
 */
export type Steps<T> = Generator<void, T, void>;

/**
 * Units of work in a step. A unit is a visit of a function in a tree or in a stack, or of a label:
 * 0.05 to 1 microsecond. Source: `npm run bench:profile`, column "longest block".
 */
const UNITS_PER_STEP = 2_000;

/** Counts units of work and says when a step is complete. */
export class Pace {
  private left = UNITS_PER_STEP;

  /** Adds `units` of work that were done. Returns whether the step is complete. */
  worked(units: number): boolean {
    this.left -= units;
    if (this.left > 0) return false;
    this.left = UNITS_PER_STEP;
    return true;
  }
}

/** Does all steps at once and returns the result. */
export function allAtOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
