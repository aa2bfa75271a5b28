import type { LabelSet } from './LabelSet';
import { sum } from '../base/sum';
import type { CallNode, SampleRecord } from './CallNode';

/** What the thread was doing, as far as V8 tells. */
type Activity =
  | 'javascript'
  | 'gc'
  /** Native code outside any JavaScript function: V8's own tasks, microtasks, the event loop. */
  | 'runtime'
  /**
   * In the phase of the event loop that waits for events, which also reads from sockets and accepts
   * connections.
   */
  | 'idle';

/** A sample in its place in time. */
export interface TimedSample {
  readonly activity: Activity;
  /** The function that was running. */
  readonly leaf: CallNode;
  readonly labels: LabelSet | undefined;
  readonly record: SampleRecord;
  /** Time since the sample before it. `undefined` of the first one. */
  readonly elapsedMicros: number | undefined;
  /**
   * Whether it is known to have found the thread blocked in a synchronous call, see {@link
   * timelineOf}.
   */
  blocked: boolean;
}

const ACTIVITIES = new Map<string | undefined, Activity>([
  ['(idle)', 'idle'],
  ['(garbage collector)', 'gc'],
  ['(program)', 'runtime'],
  ['(root)', 'runtime'],
]);

/**
 * A sample costs the sampled thread some tens of microseconds: less CPU than this between two is
 * none.
 */
const NO_CPU_MICROS = 100;
const NO_CPU_SHARE = 0.02;

/**
 * Returns the samples of the tree under `root` in the order in which they were taken. Pure. Hits
 * without a record have neither a time nor a label and are left out; V8 makes at most one, at the
 * start of a window.
 *
 * Samples of a thread that is blocked in a synchronous call (`execSync`, `readSync` of a pipe,
 * `Atomics.wait`) are marked where two samples in a row prove it: the same function under the same
 * labels, and a CPU clock that stood still between them. So a block is seen if it lasts for two
 * sampling intervals, and may be seen if it lasts for one. A shorter one looks like CPU: a rule
 * that often waits for a few milliseconds in synchronous calls is charged for it.
 */
export function timelineOf(root: CallNode): readonly TimedSample[] {
  let timeline = timelines.get(root);
  if (timeline === undefined) timelines.set(root, (timeline = buildTimeline(root)));
  return timeline;
}

/** Closing a window, its attribution and its profile need the same one. */
const timelines = new WeakMap<CallNode, readonly TimedSample[]>();

function buildTimeline(root: CallNode): TimedSample[] {
  const found: { leaf: CallNode; record: SampleRecord; micros: number }[] = [];
  const pending = [root];
  for (let leaf = pending.pop(); leaf !== undefined; leaf = pending.pop()) {
    for (const record of leaf.contexts ?? []) {
      found.push({ leaf, record, micros: record.timestamp });
    }
    for (const child of leaf.children) pending.push(child);
  }
  found.sort((a, b) => a.micros - b.micros);

  const samples: TimedSample[] = [];
  let before: TimedSample | undefined;
  let beforeMicros = 0;
  for (const { leaf, record, micros } of found) {
    const sample: TimedSample = {
      activity: activityOf(leaf),
      leaf,
      labels: record.context?.labels,
      record,
      elapsedMicros: before && micros - beforeMicros,
      blocked: false,
    };
    if (before !== undefined && stoodStill(before, sample)) before.blocked = sample.blocked = true;
    samples.push(sample);
    before = sample;
    beforeMicros = micros;
  }
  return samples;
}

/**
 * Returns, of each idle sample, the time since the sample before it, microseconds. Pure.
 * @param startMillis When the first sample could have come, milliseconds since the epoch.
 */
export function waitsOf(timeline: readonly TimedSample[], startMillis: number): number[] {
  return timeline.flatMap(({ activity, elapsedMicros, record }) =>
    activity === 'idle' ? [elapsedMicros ?? record.timestamp - startMillis * 1000] : [],
  );
}

/**
 * Returns how many samples a waiting thread was spared: fair sampling leaves one sample of a wait,
 * however long it is, where there would be one in each interval. Pure.
 *
 * @param waitsMicros Of each idle sample, the time since the sample before it.
 */
export function sparedSamples(waitsMicros: Iterable<number>, intervalMicros: number): number {
  let spared = 0;
  for (const micros of waitsMicros) spared += Math.max(0, Math.round(micros / intervalMicros) - 1);
  return spared;
}

/**
 * Returns the samples of `timeline` that speak for CPU: all but those of a thread that waited.
 * Pure.
 */
export function hitsOf(timeline: readonly TimedSample[]): TimedSample[] {
  return timeline.filter(({ activity, blocked }) => activity !== 'idle' && !blocked);
}

/** Returns the CPU of the thread up to the last sample of `timeline`, seconds. Pure. */
export function sampledSeconds(timeline: readonly TimedSample[]): number {
  return sum(timeline, ({ record }) => record.cpuTime ?? 0) / 1e9;
}

function stoodStill(
  before: TimedSample,
  { activity, leaf, labels, record, ...sample }: TimedSample,
): boolean {
  const { elapsedMicros = 0 } = sample;
  return (
    activity === 'javascript' &&
    leaf === before.leaf &&
    labels === before.labels &&
    record.cpuTime !== undefined &&
    record.cpuTime < 1000 * Math.max(NO_CPU_MICROS, elapsedMicros * NO_CPU_SHARE)
  );
}

/** Whether the thread waited for events in the samples of `node`. Pure. */
export function isIdle(node: CallNode): boolean {
  return activityOf(node) === 'idle';
}

/** V8's own nodes belong to no script; a method of the user's may be called `(idle)` too. */
function activityOf(leaf: CallNode): Activity {
  return (leaf.scriptName === '' && ACTIVITIES.get(leaf.name)) || 'javascript';
}
