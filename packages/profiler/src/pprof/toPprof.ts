import type { LabelSet } from '../model/LabelSet';
import type { Profile } from './Profile';
import { type AllocatedCpu, allocateCpu } from '../attribution/allocateCpu';
import type { CallNode } from '../model/CallNode';
import type { ProfileWindow } from '../model/ProfileWindow';
import { sparedSamples } from '../model/sparedSamples';
import { isIdle, timelineOf, waitsOf } from '../model/timelineOf';
import { ProfileBuilder } from './ProfileBuilder';

/** CPU of other threads than the sampled one. */
const OTHER_THREADS = pseudoFunction('(other threads)');
/** CPU of the thread on its way from a wait for events to JavaScript. */
const WAKE_UPS = pseudoFunction('(wake-ups)');
/** V8's name for native code outside JavaScript. */
const PROGRAM = pseudoFunction('(program)');
/** CPU of the thread that no sample speaks for. */
const UNSAMPLED = pseudoFunction('(unsampled)');

const NO_LABELS: LabelSet = {};

/** A function and who called it. */
interface Frame {
  readonly node: CallNode;
  /** `undefined`: the root of the tree. */
  readonly caller: Frame | undefined;
  /** Id of its location, once it was asked for. */
  location?: number;
}

/**
 * `window` in pprof's format. Pure. Sample types:
 *
 * - `sample`, `count`: samples;
 * - `wall`, `nanoseconds`: samples times the mean time between two;
 * - `cpu`, `nanoseconds`, the default: the estimate of `attributeCpu`, sample by sample. By label
 *   it gives the same figures, and its total is the CPU of the process.
 *
 * Samples have their labels, and those of a worker thread the label `thread` = `worker-<id>`. The
 * total of a worker's profile is the CPU of its thread. Samples of a waiting thread are left out.
 * CPU that no sample speaks for is in `(wake-ups)`, `(unsampled)` and `(other threads)`; native
 * code outside JavaScript is in `(program)`.
 */
export function toPprof(window: ProfileWindow): Profile {
  const builder = new ProfileBuilder();
  const cpu = allocateCpu(window);
  const cpuOf = cpuBySample(cpu);
  for (const part of window.parts ?? [window]) {
    if (part.root !== undefined) addSamples(builder, part, part.root, cpuOf);
  }
  const labels = threadLabels(window);
  addCpu(builder, WAKE_UPS, cpu.wakeUpSeconds, labels);
  addCpu(builder, UNSAMPLED, cpu.unsampledSeconds, labels);
  // In a worker's window that would be the rest of the process, of which the main thread's windows
  // tell.
  if (isMainThread(window)) addCpu(builder, OTHER_THREADS, window.cpu.otherThreadsSeconds);
  return builder.build({
    startMillis: window.startTime,
    durationMillis: window.durationMillis,
    periodMicros: window.samplingIntervalMicros,
    program: window.origin.program,
    comments: [...window.origin.comments, ...remarksOn(window)],
  });
}

function addSamples(
  builder: ProfileBuilder,
  window: ProfileWindow,
  root: CallNode,
  cpuOf: ReadonlyMap<object, number>,
): void {
  const wallNanos = meanWallNanos(window, root);
  const thread = threadLabels(window);
  const programStack = [builder.locationOf(PROGRAM)];
  const pending: Frame[] = [{ node: root, caller: undefined }];
  for (let frame = pending.pop(); frame !== undefined; frame = pending.pop()) {
    const { node } = frame;
    // Most functions of a tree have no sample of their own.
    const stack = node.contexts?.length ? stackOf(frame, builder) : [];
    const where = stack.length === 0 ? programStack : stack;
    for (const record of (!isIdle(node) && node.contexts) || []) {
      const cpuNanos = (cpuOf.get(record) ?? 0) * 1e9;
      const labels = { ...thread, ...record.context?.labels };
      builder.add(where, labels, { count: 1, wallNanos, cpuNanos });
    }
    for (const child of node.children) pending.push({ node: child, caller: frame });
  }
}

/** Location ids, the running function first; the root of the tree is none. */
function stackOf(frame: Frame, builder: ProfileBuilder): number[] {
  const stack: number[] = [];
  for (let at = frame; at.caller !== undefined; at = at.caller) {
    stack.push((at.location ??= builder.locationOf(at.node)));
  }
  return stack;
}

/** Seconds of CPU by the record of a sample. */
function cpuBySample({ shares }: AllocatedCpu): Map<object, number> {
  const cpuOf = new Map<object, number>();
  for (const { cpuSeconds, hits } of shares) {
    for (const { record } of hits) cpuOf.set(record, cpuSeconds / hits.length);
  }
  return cpuOf;
}

function meanWallNanos(
  { startTime, durationMillis, samplingIntervalMicros }: ProfileWindow,
  root: CallNode,
): number {
  const timeline = timelineOf(root);
  const spared = sparedSamples(waitsOf(timeline, startTime), samplingIntervalMicros);
  const samples = timeline.length + spared;
  return samples === 0 ? 0 : (durationMillis * 1e6) / samples;
}

/**
 * Tells the samples of a worker from others when profiles are merged. A label of the user's that is
 * called so stays.
 */
function threadLabels(window: ProfileWindow): LabelSet {
  return isMainThread(window) ? NO_LABELS : { thread: `worker-${window.origin.threadId}` };
}

function isMainThread({ origin }: ProfileWindow): boolean {
  return origin.threadId === 0;
}

function addCpu(
  builder: ProfileBuilder,
  node: CallNode,
  cpuSeconds: number,
  labels = NO_LABELS,
): void {
  if (cpuSeconds <= 0) return;
  const values = { count: 0, wallNanos: 0, cpuNanos: cpuSeconds * 1e9 };
  builder.add([builder.locationOf(node)], labels, values);
}

function remarksOn({ complete, incompleteReason, samples }: ProfileWindow): string[] {
  const remarks = [`${samples.taken} samples`];
  if (!complete)
    remarks.push(`incomplete: ${incompleteReason}, about ${samples.lost} samples lost`);
  return remarks;
}

function pseudoFunction(name: string): CallNode {
  return { name, scriptName: '', hitCount: 0, children: [] };
}
