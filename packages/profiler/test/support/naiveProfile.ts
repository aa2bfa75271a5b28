import { cpuByHit } from '../../src/attribution/cpuByHit';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { sparedSamples, timelineOf, waitsOf } from '../../src/model/timeline';
import type { Profile } from '../../src/pprof/Profile';
import { ProfileReader } from '../../src/pprof/ProfileReader';
import { samplesIn } from './randomWindows';

/** Values of samples by stack and labels: count, wall nanoseconds, CPU nanoseconds. */
export type Contents = ReadonlyMap<string, readonly number[]>;

/**
 * Computes the profile of a window sample by sample, from all samples at once. It shares only the
 * figures of the attribution with the code under test.
 */
export function naiveProfile(window: ProfileWindow): Contents {
  const contents = new Map<string, number[]>();
  const thread = window.origin.threadId === 0 ? {} : { thread: `worker-${window.origin.threadId}` };
  const add = (path: readonly string[], labels: object, values: readonly number[]): void => {
    const key = keyOf([...path].reverse(), Object.entries(labels));
    const sums = contents.get(key) ?? [0, 0, 0];
    contents.set(
      key,
      sums.map((sum, index) => sum + values[index]!),
    );
  };
  const cpu = cpuByHit(window);
  const cpuOf = new Map<object, number>();
  for (const { cpuSeconds, hits } of cpu.shares) {
    for (const { record } of hits) cpuOf.set(record, cpuSeconds / hits.length);
  }
  for (const { root, startTime, durationMillis, samplingIntervalMicros } of window.parts ?? [
    window,
  ]) {
    if (root === undefined) continue;
    const timeline = timelineOf(root);
    const spared = sparedSamples(waitsOf(timeline, startTime), samplingIntervalMicros);
    const wallNanos = (durationMillis * 1e6) / (timeline.length + spared);
    for (const { path, record } of samplesIn(root)) {
      if (path[0] === '(idle)') continue;
      const shown = path.length === 0 ? ['(program)'] : path;
      const labels = { ...thread, ...record.context?.labels };
      add(shown, labels, [1, wallNanos, (cpuOf.get(record) ?? 0) * 1e9]);
    }
  }
  const rest = {
    '(wake-ups)': cpu.wakeUpSeconds,
    '(unsampled)': cpu.unsampledSeconds,
    '(other threads)': window.origin.threadId === 0 ? window.cpu.otherThreadsSeconds : 0,
  };
  for (const [name, seconds] of Object.entries(rest)) {
    if (seconds > 0) add([name], name === '(other threads)' ? {} : thread, [0, 0, seconds * 1e9]);
  }
  return contents;
}

/** Returns the samples of a profile in the form of {@link naiveProfile}. */
export function contentsOf(profile: Profile): Contents {
  const reader = new ProfileReader(profile);
  return new Map(
    reader.samples.map((sample) => {
      const names = reader.stack(sample).map((location) => {
        const [{ name, line } = { name: '', line: 0 }] = reader.frames(location);
        return Number(line) <= 1 ? name : `${name}:${line}`;
      });
      const labels = reader
        .labels(sample)
        .map(({ key, str }): [string, string] => [reader.text(key), reader.text(str)]);
      return [keyOf(names, labels), reader.values(sample).map(Number)];
    }),
  );
}

function keyOf(leafFirst: readonly string[], labels: readonly [string, unknown][]): string {
  return JSON.stringify([leafFirst, Object.fromEntries([...labels].sort())]);
}
