import { runWithLabels, sharedCollector } from '@rulescope/profiler';
import { type Profile, mergeProfiles, toPprof } from '@rulescope/profiler/pprof';

let recorded: Promise<Profile> | undefined;

/**
 * Returns a profile in which two rules burn CPU in `burn`. All calls return the same one: once V8
 * has optimized the code, it reports `burn` as its caller to a profiler that starts later.
 */
export function recordProfile(): Promise<Profile> {
  return (recorded ??= record());
}

async function record(): Promise<Profile> {
  const profiles: Profile[] = [];
  const consumer = sharedCollector().addConsumer('recorded profile', (window) => {
    profiles.push(toPprof(window));
  });
  for (let i = 0; i < 12; i++) {
    runWithLabels({ rule: 'r1' }, () => burn(200));
    runWithLabels({ rule: 'r2' }, () => burn(100));
    await new Promise(setImmediate);
  }
  await consumer.remove();
  return mergeProfiles(profiles);
}

function burn(rounds: number): number {
  let x = 1;
  for (let i = 0; i < rounds * 10_000; i++) x = Math.sqrt(x + i);
  return x;
}
