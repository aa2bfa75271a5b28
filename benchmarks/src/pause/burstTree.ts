import { spin } from '../accuracy/burn';

/** A burst spins this long between two readings of the clock. */
const PIECE_MILLIS = 0.02;

/** Functions per depth. Random paths part early, so nearly every sample has its own stack. */
const BREADTH = 4;

type Step = (path: readonly number[], depth: number, millis: number) => void;

/**
 * Returns a function that calls a random path of functions, `depth` deep, and spins at its end for
 * `millis`. The clock ends the burst, so the number of samples does not depend on the machine.
 *
 * @param random Returns a number from 0 to 1 for each step of a path.
 */
export function createBurst(
  maxDepth: number,
  random = Math.random,
): (millis: number, depth: number) => void {
  const steps: Step[] = Array.from({ length: BREADTH * maxDepth }, (_, index) =>
    compileStep(index, () => steps),
  );
  return (millis, depth) => {
    const path = Array.from(
      { length: Math.round(depth) },
      (_, level) => level * BREADTH + Math.floor(random() * BREADTH),
    );
    steps[path[0] ?? 0]?.(path, 0, millis);
  };
}

/** Compiles one function. Closures of a single function would be one function in the profile. */
function compileStep(index: number, steps: () => readonly Step[]): Step {
  const source = `return function step${index}(path, depth, millis) {
    const next = steps()[path[depth + 1]];
    if (next === undefined) spinFor(millis);
    else next(path, depth + 1, millis);
  }`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- creates a hundred functions
  return new Function('steps', 'spinFor', source)(steps, spinFor) as Step;
}

function spinFor(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end) spin(PIECE_MILLIS);
}
