let state = 1;
let iterationsPerMilli = 0;
let objectsPerMilli = 0;
let kept: object[] = [];

/** Uses about `millis` of CPU in plain JavaScript. Call {@link calibrate} first. */
export function spin(millis: number): void {
  iterate(iterationsPerMilli * millis);
}

/** Uses about `millis` of CPU to make objects, some of which live on for a while. */
export function allocate(millis: number): void {
  make(objectsPerMilli * millis);
}

/** Learns how fast this machine is. */
export function calibrate(): void {
  iterationsPerMilli = speed(iterate, 2e6);
  objectsPerMilli = speed(make, 2e4);
}

function iterate(count: number): void {
  for (let i = 0; i < count; i++) state = (state * 31 + i) | 0;
}

function make(count: number): void {
  for (let i = 0; i < count; i++) {
    const made = { id: i, name: `item ${i}`, values: [i, i + 1, i + 2] };
    if (i % 8 === 0) kept.push(made);
    if (kept.length > 50_000) kept = [];
  }
}

/** Calls of `fn(count)` per millisecond of CPU, warm. */
function speed(fn: (count: number) => void, count: number): number {
  let perMilli = 0;
  for (let round = 0; round < 12; round++) {
    const before = process.cpuUsage();
    fn(count);
    const { user, system } = process.cpuUsage(before);
    perMilli = Math.max(perMilli, count / ((user + system) / 1000));
  }
  return perMilli;
}
