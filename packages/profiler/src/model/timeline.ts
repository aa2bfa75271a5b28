import { sortInSteps } from '../base/sortInSteps';
import { Pace, type Steps, allAtOnce } from '../base/steps';
import { sum } from '../base/sum';
import type { CallNode, SampleRecord } from './CallNode';
import type { LabelSet, LabelShare } from './LabelSet';

/** Activity of the thread, as far as V8 reports it. */
type Activity =
  | 'javascript'
  | 'gc'
  /** Native code outside any JavaScript function: V8's own tasks, microtasks, the event loop. */
  | 'runtime'
  /**
   * The phase of the event loop that waits for events. This phase also reads from sockets and
   * accepts connections.
   */
  | 'idle';

/** Sample with its position in time. */
export interface TimedSample {
  readonly activity: Activity;
  /** Function that was running. */
  readonly leaf: CallNode;
  readonly labels: LabelSet | undefined;
  /** Parts of a sample of shared work. */
  readonly parts: readonly LabelShare[] | undefined;
  readonly record: SampleRecord;
  /** Time since the previous sample. `undefined` for the first sample. */
  readonly elapsedMicros: number | undefined;
  /**
   * Whether two samples prove that the thread was blocked in a synchronous call: see
   * {@link timelineOf}.
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
 * CPU time between two samples below which the CPU clock counts as stopped, microseconds. A sample
 * itself costs the sampled thread some tens of microseconds.
 */
const STOPPED_CPU_MICROS = 100;
/** The same limit as a share of the elapsed time. The larger limit applies. */
const STOPPED_CPU_SHARE = 0.02;

/**
 * Returns the samples of the tree under `root` in the order in which they were taken. Pure.
 *
 * Hits without a record have neither a time nor a label and are omitted. V8 makes at most one such
 * hit, at the start of a window.
 *
 * Samples of a thread that is blocked in a synchronous call (`execSync`, `readSync` of a pipe,
 * `Atomics.wait`) are marked as blocked. Two consecutive samples prove a block if they have the
 * same function and labels and the CPU clock stood still between them. A block of two sampling
 * intervals is always detected, a block of one interval sometimes. A shorter block looks like CPU:
 * a rule that often waits for a few milliseconds in synchronous calls is charged for that time.
 */
export function timelineOf(root: CallNode): readonly TimedSample[] {
  return timelines.get(root) ?? allAtOnce(timelineInSteps(root));
}

/**
 * Timelines by root. Closing a window, its attribution and its profile all use the same timeline.
 */
const timelines = new WeakMap<CallNode, readonly TimedSample[]>();

/** Does what {@link timelineOf} does, in steps. Pure. */
export function* timelineInSteps(root: CallNode): Steps<readonly TimedSample[]> {
  const known = timelines.get(root);
  if (known !== undefined) return known;
  const pace = new Pace();
  const found: { leaf: CallNode; record: SampleRecord; micros: number }[] = [];
  const pending = [root];
  for (let leaf = pending.pop(); leaf !== undefined; leaf = pending.pop()) {
    for (const record of leaf.contexts ?? []) {
      found.push({ leaf, record, micros: record.timestamp });
      if (pace.worked(1)) yield;
    }
    for (const child of leaf.children) pending.push(child);
    if (pace.worked(1)) yield;
  }

  const samples: TimedSample[] = [];
  let previous: TimedSample | undefined;
  let previousMicros = 0;
  for (const { leaf, record, micros } of yield* sortInSteps(found, (each) => each.micros)) {
    const sample: TimedSample = {
      activity: activityOf(leaf),
      leaf,
      labels: record.context?.labels,
      parts: record.context?.parts,
      record,
      elapsedMicros: previous && micros - previousMicros,
      blocked: false,
    };
    if (previous !== undefined && cpuStoodStill(previous, sample)) {
      previous.blocked = sample.blocked = true;
    }
    samples.push(sample);
    previous = sample;
    previousMicros = micros;
    if (pace.worked(2)) yield;
  }
  timelines.set(root, samples);
  return samples;
}

/**
 * Returns the time since the previous sample for each idle sample, microseconds. Pure.
 *
 * @param startMillis Earliest possible time of the first sample, milliseconds since the epoch.
 */
export function waitsOf(timeline: readonly TimedSample[], startMillis: number): number[] {
  return timeline.flatMap(({ activity, elapsedMicros, record }) =>
    activity === 'idle' ? [elapsedMicros ?? record.timestamp - startMillis * 1000] : [],
  );
}

/**
 * Returns how many samples fair sampling saved while the thread waited. With fair sampling, a wait
 * has one sample, regardless of its length. Without it, a wait has one sample per interval. Pure.
 *
 * @param waitsMicros Time since the previous sample for each idle sample.
 */
export function sparedSamples(waitsMicros: Iterable<number>, intervalMicros: number): number {
  let spared = 0;
  for (const micros of waitsMicros) spared += Math.max(0, Math.round(micros / intervalMicros) - 1);
  return spared;
}

/**
 * Returns the samples of `timeline` that represent CPU: all samples except those of a thread that
 * waited for events or was blocked. Pure.
 */
export function hitsOf(timeline: readonly TimedSample[]): TimedSample[] {
  return timeline.filter(({ activity, blocked }) => activity !== 'idle' && !blocked);
}

/** Returns the CPU time of the thread up to the last sample of `timeline`, seconds. Pure. */
export function sampledSeconds(timeline: readonly TimedSample[]): number {
  return sum(timeline, ({ record }) => record.cpuTime ?? 0) / 1e9;
}

/**
 * Returns whether a sample and the one before it prove that the thread was blocked between them:
 * see {@link timelineOf}. Pure.
 */
export function cpuStoodStill(
  previous: TimedSample,
  { activity, leaf, labels, parts, record, ...sample }: TimedSample,
): boolean {
  const { elapsedMicros = 0 } = sample;
  return (
    activity === 'javascript' &&
    leaf === previous.leaf &&
    record.cpuTime !== undefined &&
    record.cpuTime < 1000 * Math.max(STOPPED_CPU_MICROS, elapsedMicros * STOPPED_CPU_SHARE) &&
    areEqual(labels, previous.labels) &&
    (parts === previous.parts || JSON.stringify(parts) === JSON.stringify(previous.parts))
  );
}

/** Compares by content: a window that was sent as JSON has a label set for each sample. */
function areEqual(one: LabelSet | undefined, other: LabelSet | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** Returns whether the thread waited for events in the samples of `node`. Pure. */
export function isIdle(node: CallNode): boolean {
  return activityOf(node) === 'idle';
}

/**
 * Returns the activity that a node stands for. V8's own nodes belong to no script. A user's
 * function can be called `(idle)` too.
 */
function activityOf(leaf: CallNode): Activity {
  return (leaf.scriptName === '' && ACTIVITIES.get(leaf.name)) || 'javascript';
}
