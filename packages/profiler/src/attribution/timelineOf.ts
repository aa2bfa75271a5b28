import type { LabelSet } from '../labels/LabelSet';
import type { CallNode, SampleRecord } from '../window/CallNode';

/** What the thread was doing, as far as V8 tells. */
export type Activity =
  | 'javascript'
  | 'gc'
  /** Native code outside any JavaScript function: V8's own tasks, microtasks, the event loop. */
  | 'runtime'
  /** In the phase of the event loop that waits for events, which also reads from sockets and accepts connections. */
  | 'idle';

/** The time from one sample that knows the thread's CPU clock to the next such. */
interface Stretch {
  elapsedMicros: number;
  /** CPU of the thread. `undefined` behind the last sample that knows it. */
  cpuMicros: number | undefined;
}

/** A sample in its place in time. */
export interface TimedSample {
  readonly activity: Activity;
  /** The function that was running. */
  readonly leaf: CallNode;
  readonly labels: LabelSet | undefined;
  readonly record: SampleRecord;
  /** Time since the sample before it. */
  readonly elapsedMicros: number;
  /** What lies between it and the samples around it. */
  readonly stretch: Stretch;
}

const ACTIVITIES = new Map<string | undefined, Activity>([
  ['(idle)', 'idle'],
  ['(garbage collector)', 'gc'],
  ['(program)', 'runtime'],
  ['(root)', 'runtime'],
]);

/**
 * The samples of the tree under `root` in the order in which they were taken. Pure.
 *
 * The first one's `elapsedMicros` is `samplingIntervalMicros`: what came before it is not recorded. Hits without a record
 * have neither a time nor a label and are left out; V8 makes one at the most, at the first border.
 */
export function timelineOf(root: CallNode, samplingIntervalMicros: number): TimedSample[] {
  const records: { leaf: CallNode; record: SampleRecord }[] = [];
  const pending = [root];
  for (let leaf = pending.pop(); leaf !== undefined; leaf = pending.pop()) {
    for (const record of leaf.contexts ?? []) records.push({ leaf, record });
    for (const child of leaf.children) pending.push(child);
  }
  records.sort((a, b) => Number(a.record.timestamp - b.record.timestamp));

  const samples: TimedSample[] = [];
  let previous: bigint | undefined;
  let stretch: Stretch = { elapsedMicros: 0, cpuMicros: undefined };
  for (const { leaf, record } of records) {
    const { timestamp, cpuTime, context } = record;
    const elapsedMicros =
      previous === undefined ? samplingIntervalMicros : Number(timestamp - previous);
    previous = timestamp;
    stretch.elapsedMicros += elapsedMicros;
    const activity = activityOf(leaf);
    samples.push({ activity, leaf, labels: context?.labels, record, elapsedMicros, stretch });
    if (cpuTime === undefined || activity === 'runtime') continue;
    stretch.cpuMicros = cpuTime / 1000;
    stretch = { elapsedMicros: 0, cpuMicros: undefined };
  }
  return samples;
}

/** V8's own nodes belong to no script; a method of the user's may be called `(idle)` too. */
function activityOf(leaf: CallNode): Activity {
  return (leaf.scriptName === '' && ACTIVITIES.get(leaf.name)) || 'javascript';
}
