import { sum } from '../base/sum';
import type { CallNode } from './CallNode';
import { type Moment, jumpMillis } from './ClockReading';
import { freezeWindow } from './freezeWindow';
import { mergeCallTrees } from './mergeCallTrees';
import type { ProfileWindow } from './ProfileWindow';
import { isContended } from './scheduling';

/**
 * Merges consecutive windows of one thread into one window, for a reader whose period is longer
 * than a window. Pure.
 *
 * Counts, durations and CPU times are sums. If the wall clock was set meanwhile, all times since the
 * epoch are those that it would have shown with its last setting. The merged window is complete if all windows are
 * complete. Otherwise it has the reason of the first incomplete window; a failed window has the
 * reason `failed`, and no sample accounts for its CPU. If all windows failed, the merged window has
 * the error of the first one.
 *
 * @throws {RangeError} if `windows` is empty or the windows are of different threads.
 */
export function mergeWindows(windows: readonly ProfileWindow[]): ProfileWindow {
  const [first] = windows;
  const last = windows.at(-1);
  if (first === undefined || last === undefined) {
    throw new RangeError('windows must contain at least one window; got 0');
  }
  if (windows.length === 1) return first;
  const other = windows.find(({ origin }) => origin.threadId !== first.origin.threadId);
  if (other !== undefined) {
    throw new RangeError(
      `windows must be of one thread; got threads ${first.origin.threadId} and ${other.origin.threadId}`,
    );
  }
  const kinds = groupByKind(windows.flatMap((window) => window.parts ?? window));
  const jumps = windows.map((window) => jumpMillis(endOf(window), endOf(last)));
  const roots = windows.flatMap(({ root }, i) =>
    root === undefined ? [] : [shiftSamples(root, jumps[i] ?? 0)],
  );
  const workers = Math.max(...windows.map((each) => each.workers ?? 0));
  const samplingIntervalMicros = Math.min(...windows.map((each) => each.samplingIntervalMicros));
  const threadSeconds = sum(windows, ({ cpu }) => cpu.threadSeconds);
  const waitSeconds = sumKnown(windows, (window) => window.waitSeconds);
  const incomplete = windows.find(({ complete }) => !complete);
  return freezeWindow({
    origin: first.origin,
    sequence: last.sequence,
    startTime: first.startTime + (jumps[0] ?? 0),
    endTime: last.endTime,
    endMonotonicMillis: last.endMonotonicMillis,
    durationMillis: sum(windows, ({ durationMillis }) => durationMillis),
    samplingIntervalMicros,
    cpu: {
      processSeconds: sum(windows, ({ cpu }) => cpu.processSeconds),
      threadSeconds,
      otherThreadsSeconds: sum(windows, ({ cpu }) => cpu.otherThreadsSeconds),
    },
    ...(workers > 0 && { workers }),
    samples: {
      taken: sum(windows, ({ samples }) => samples.taken),
      lost: sum(windows, ({ samples }) => samples.lost),
    },
    complete: incomplete === undefined,
    incompleteReason: incomplete && (incomplete.incompleteReason ?? 'failed'),
    error: roots.length === 0 ? first.error : undefined,
    fair: roots.length > 0 && windows.every(({ fair, root }) => fair || root === undefined),
    quality: mergeQuality(windows),
    waitSeconds,
    timeslices: sumKnown(windows, ({ timeslices }) => timeslices),
    contended: isContended(waitSeconds, threadSeconds, samplingIntervalMicros),
    pauseSeconds: sum(windows, ({ pauseSeconds }) => pauseSeconds),
    root: roots.length === 0 ? undefined : mergeCallTrees(roots),
    ...(kinds.length > 1 && { parts: kinds.map(mergeWindows) }),
  });
}

function endOf({ endTime, endMonotonicMillis }: ProfileWindow): Moment {
  return { epochMillis: endTime, monotonicMillis: endMonotonicMillis };
}

/** Returns a tree like the one under `node` whose samples were taken `millis` later. */
function shiftSamples(node: CallNode, millis: number): CallNode {
  if (millis === 0) return node;
  return {
    ...node,
    ...(node.contexts && {
      contexts: node.contexts.map((record) => ({
        ...record,
        timestamp: record.timestamp + millis * 1000,
      })),
    }),
    children: node.children.map((child) => shiftSamples(child, millis)),
  };
}

/** Returns the mean quality. The weight of a window is the number of samples expected in it. */
function mergeQuality(windows: readonly ProfileWindow[]): number | undefined {
  let [hits, expected] = [0, 0];
  for (const { quality, cpu, samplingIntervalMicros } of windows) {
    if (quality === undefined) continue;
    hits += (quality * cpu.threadSeconds) / samplingIntervalMicros;
    expected += cpu.threadSeconds / samplingIntervalMicros;
  }
  return expected > 0 ? hits / expected : undefined;
}

function sumKnown(
  windows: readonly ProfileWindow[],
  valueOf: (window: ProfileWindow) => number | undefined,
): number | undefined {
  const values = windows.map(valueOf);
  return values.includes(undefined) ? undefined : sum(values, (value) => value ?? 0);
}

function groupByKind(windows: readonly ProfileWindow[]): ProfileWindow[][] {
  const kinds = new Map<string, ProfileWindow[]>();
  for (const window of windows) {
    const { samplingIntervalMicros, complete, root } = window;
    const kind = [samplingIntervalMicros, complete, root === undefined].join();
    const alike = kinds.get(kind);
    if (alike === undefined) kinds.set(kind, [window]);
    else alike.push(window);
  }
  return [...kinds.values()];
}
