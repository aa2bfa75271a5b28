import { cpuMillisOf } from './threadCpu';

let state = 1;
let iterationsPerMilli = 0;
let objectsPerMilli = 0;
let kept: object[] = [];

const KEPT_OBJECTS = 50_000;
const CALIBRATION_ROUNDS = 12;

/** Uses about `millis` of CPU in plain JavaScript. Call {@link calibrate} first. */
export function spin(millis: number): void {
  iterate(iterationsPerMilli * millis);
}

/**
 * Uses about `millis` of CPU to create objects. Some of them stay alive for a while. Call
 * {@link calibrateAllocation} first.
 */
export function allocate(millis: number): void {
  makeObjects(objectsPerMilli * millis);
}

/** Measures how fast this machine runs {@link spin}. */
export function calibrate(): void {
  iterationsPerMilli = countPerMilli(iterate, 2e6);
}

/** Measures how fast this machine creates objects. Its rounds include garbage collections. */
export function calibrateAllocation(): void {
  objectsPerMilli = countPerMilli(makeObjects, 2e5);
}

function iterate(count: number): void {
  for (let i = 0; i < count; i++) state = (state * 31 + i) | 0;
}

function makeObjects(count: number): void {
  for (let i = 0; i < count; i++) {
    const made = { id: i, name: `item ${i}`, values: [i, i + 1, i + 2] };
    if (i % 8 === 0) kept.push(made);
    if (kept.length > KEPT_OBJECTS) kept = [];
  }
}

/** Returns how many iterations `run` does per millisecond of CPU when it is compiled. */
function countPerMilli(run: (count: number) => void, count: number): number {
  const speeds = Array.from(
    { length: CALIBRATION_ROUNDS },
    () => count / cpuMillisOf(() => run(count)),
  );
  return Math.max(...speeds);
}
