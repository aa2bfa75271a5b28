import type { Profile } from './Profile';
import { type CpuByHit, cpuByHit } from '../attribution/cpuByHit';
import type { CallNode } from '../model/CallNode';
import type { LabelSet } from '../model/LabelSet';
import type { ProfileWindow } from '../model/ProfileWindow';
import { isIdle, sparedSamples, timelineOf, waitsOf } from '../model/timeline';
import { fromWindowError } from '../model/WindowError';
import { checkWindow } from './checkArguments';
import { ProfileBuilder } from './ProfileBuilder';

/** Holds the CPU of all threads but the sampled one. */
const OTHER_THREADS = pseudoFunction('(other threads)');
/** Holds the CPU of the thread between the end of a wait for events and JavaScript. */
const WAKE_UPS = pseudoFunction('(wake-ups)');
/** Holds native code outside JavaScript. The name is V8's. */
const PROGRAM = pseudoFunction('(program)');
/** Holds CPU of the thread that no sample accounts for. */
const UNSAMPLED = pseudoFunction('(unsampled)');

const NO_LABELS: LabelSet = {};

/** A node of the call tree and its caller. */
interface Frame {
  readonly node: CallNode;
  /** `undefined` for the root of the tree. */
  readonly caller: Frame | undefined;
  /** Id of its location. Set when first needed. */
  location?: number;
}

/**
 * Returns `window` as a profile in pprof's format. Sample types:
 *
 * - `samples`, `count`: number of samples.
 * - `wall`, `nanoseconds`: number of samples times the mean time between two samples.
 * - `cpu`, `nanoseconds`, the default: the estimate of `attributeCpu`, divided among samples. Its
 *   sum by label is the figure of `attributeCpu`, up to 0.5 ns per sample for rounding. Its total
 *   is the CPU of the process, or of the thread when the window is a worker thread's.
 *
 * A sample has its labels. In a worker thread's window it also has the label `thread` =
 * `worker-<id>`, unless the user set a label `thread`. Samples of an idle thread are left out. The
 * functions `(wake-ups)`, `(unsampled)` and `(other threads)` hold CPU that no sample accounts for.
 * `(program)` is native code outside JavaScript. A comment says when the window is incomplete.
 *
 * @throws InvalidOptionError when `window` is not a window; Error with the name and message of
 * `window.error` when the window failed.
 */
export function toPprof(window: ProfileWindow): Profile {
  checkWindow(window);
  if (window.error !== undefined) throw fromWindowError(window.error);
  const builder = new ProfileBuilder();
  const cpu = cpuByHit(window);
  const cpuOf = cpuBySample(cpu);
  for (const part of window.parts ?? [window]) {
    if (part.root !== undefined) addSamples(builder, part, part.root, cpuOf);
  }
  const labels = threadLabels(window);
  addCpu(builder, WAKE_UPS, cpu.wakeUpSeconds, labels);
  addCpu(builder, UNSAMPLED, cpu.unsampledSeconds, labels);
  // The other threads of a worker are the rest of the process. The main thread's windows have it.
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
    // Most nodes have no sample of their own, and need no stack.
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

/** Returns location ids, leaf first, without the root of the tree. */
function stackOf(frame: Frame, builder: ProfileBuilder): number[] {
  const stack: number[] = [];
  for (let at = frame; at.caller !== undefined; at = at.caller) {
    stack.push((at.location ??= builder.locationOf(at.node)));
  }
  return stack;
}

/** Returns seconds of CPU by sample record. */
function cpuBySample({ shares }: CpuByHit): Map<object, number> {
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

/** Returns a label that tells a worker's samples from others in a merged profile. */
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
