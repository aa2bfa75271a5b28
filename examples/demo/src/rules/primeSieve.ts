/** Counts the primes in [low, low + flags.length): one segment of a sieve of Eratosthenes. */
function sieveSegment(low: number, flags: Uint8Array): number {
  const high = low + flags.length;
  flags.fill(1);
  for (let p = 2; p * p < high; p++) {
    for (let n = Math.max(p * p, Math.ceil(low / p) * p); n < high; n += p) flags[n - low] = 0;
  }
  let count = 0;
  for (const flag of flags) count += flag;
  return low < 2 ? count - Math.min(flags.length, 2 - low) : count;
}

/** Returns a job that sieves the next segment on each call. All tasks share one number line. */
export function primeSieve(): () => void {
  const flags = new Uint8Array(1 << 14);
  let next = 0;
  return () => {
    sieveSegment(next, flags);
    next = (next + flags.length) % 1e7;
  };
}
