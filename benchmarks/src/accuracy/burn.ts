let state = 1;
let iterationsPerMilli = 0;

/** Uses about `millis` of CPU in plain JavaScript. Call {@link calibrate} first. */
export function spin(millis: number): void {
  iterate(iterationsPerMilli * millis);
}

/** Learns how fast this machine is. */
export function calibrate(): void {
  const iterations = 2e6;
  for (let round = 0; round < 12; round++) {
    const before = process.cpuUsage();
    iterate(iterations);
    const { user, system } = process.cpuUsage(before);
    iterationsPerMilli = Math.max(iterationsPerMilli, iterations / ((user + system) / 1000));
  }
}

function iterate(count: number): void {
  for (let i = 0; i < count; i++) state = (state * 31 + i) | 0;
}
