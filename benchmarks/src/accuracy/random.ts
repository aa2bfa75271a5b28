/** Returns a random time from an exponential distribution with this mean. */
export function exponential(mean: number): number {
  return -Math.log(1 - Math.random()) * mean;
}

/** Returns a random generator of numbers from 0 to 1 that are the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = 7_919 * (seed + 1);
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
