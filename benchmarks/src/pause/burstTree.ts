import { spin } from '../accuracy/burn';

/** Between two looks at the clock. */
const PIECE_MILLIS = 0.02;

/** Functions to choose from at each depth, so that paths part early: nearly every sample finds a stack of its own. */
const BREADTH = 4;

type Step = (path: readonly number[], depth: number, millis: number) => void;

/**
 * Calls functions along a path drawn at random, `depth` deep, and stays at its end for `millis`, by the clock: the number of
 * samples shall not depend on the machine.
 */
export function createBurst(maxDepth: number): (millis: number, depth: number) => void {
  const steps: Step[] = Array.from({ length: BREADTH * maxDepth }, (_, index) =>
    compileStep(index, () => steps),
  );
  return (millis, depth) => {
    const path = Array.from(
      { length: Math.round(depth) },
      (_, level) => level * BREADTH + Math.floor(Math.random() * BREADTH),
    );
    steps[path[0] ?? 0]?.(path, 0, millis);
  };
}

/** Each has code of its own: closures of one function would be one function in the profile. */
function compileStep(index: number, steps: () => readonly Step[]): Step {
  const source = `return function step${index}(path, depth, millis) {
    const next = steps()[path[depth + 1]];
    if (next === undefined) stay(millis);
    else next(path, depth + 1, millis);
  }`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- a hundred functions
  return new Function('steps', 'stay', source)(steps, stay) as Step;
}

function stay(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end) spin(PIECE_MILLIS);
}
