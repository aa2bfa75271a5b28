import type { TimedSample } from './timelineOf';

/** A sample costs the sampled thread some tens of microseconds: less CPU than this between two is none. */
const NO_CPU_MICROS = 100;
const NO_CPU_SHARE = 0.02;

/**
 * The samples that found the thread blocked in a synchronous call (`execSync`, `readSync` of a pipe, `Atomics.wait`), as far as
 * they prove it. Pure.
 *
 * Proof is that two samples in a row find the same function under the same labels and the thread's CPU clock stood still
 * between them. So a block is seen if it lasts for two sampling intervals, and possibly if it lasts for one. A shorter one looks like
 * CPU: a rule that often waits for a few milliseconds in synchronous calls is charged at the cost of the others.
 */
export function blockedSamples(timeline: readonly TimedSample[]): Set<TimedSample> {
  const blocked = new Set<TimedSample>();
  let previous: TimedSample | undefined;
  for (const sample of timeline) {
    if (previous !== undefined && stoodStill(previous, sample)) {
      blocked.add(previous).add(sample);
    }
    previous = sample;
  }
  return blocked;
}

function stoodStill(previous: TimedSample, sample: TimedSample): boolean {
  const { cpuMicros, elapsedMicros } = sample.stretch;
  return (
    sample.activity === 'javascript' &&
    sample.leaf === previous.leaf &&
    sample.labels === previous.labels &&
    cpuMicros !== undefined &&
    cpuMicros < Math.max(NO_CPU_MICROS, elapsedMicros * NO_CPU_SHARE)
  );
}
