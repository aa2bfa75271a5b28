/** Returns a random time from an exponential distribution with this mean. */
export function exponential(mean: number): number {
  return -Math.log(1 - Math.random()) * mean;
}
