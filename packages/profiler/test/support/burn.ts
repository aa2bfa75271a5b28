/**
 * Runs JavaScript until `done()`.
 *
 * @throws {Error} if `done()` is still false after 10 s of CPU.
 */
function burnUntil(done: () => boolean): void {
  const limit = cpuMillis() + 10_000;
  let x = 1;
  while (!done()) {
    for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
    if (cpuMillis() > limit) {
      throw new Error(`used 10 s of CPU, but this is still false: ${done}`);
    }
  }
}

/** Burns `millis` of this process's CPU. */
export function burnCpu(millis: number): void {
  const end = cpuMillis() + millis;
  burnUntil(() => cpuMillis() >= end);
}

/** Burns CPU until `count` more samples have been taken, regardless of the time. */
export function burnSamples(count: number, sampler: { sampleCount(): number }): void {
  const end = sampler.sampleCount() + count;
  burnUntil(() => sampler.sampleCount() >= end);
}

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
