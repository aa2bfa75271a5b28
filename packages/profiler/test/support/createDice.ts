/**
 * Returns a random generator with the same results in each run (a linear congruential generator).
 * It returns an integer from 0 to `sides - 1`.
 */
export function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
}
