import { closeWindow } from '../../src/collector/closeWindow';
import type { CallNode, SampleRecord } from '../../src/model/CallNode';
import type { ClockReading, ThreadTimes } from '../../src/model/ClockReading';
import type { LabelSet, SampleLabels } from '../../src/model/LabelSet';
import type { ProfileWindow, WindowOrigin } from '../../src/model/ProfileWindow';
import type { Recording } from '../../src/model/Recording';
import { partsOf } from '../../src/model/sharedLabel';

/** Returns `count` samples with the same labels, for {@link node}. */
export function hits(count: number, labels?: LabelSet): (LabelSet | undefined)[] {
  return Array.from({ length: count }, () => labels);
}

/** Returns `count` samples of work that rules share by weight, for {@link node}. */
export function sharedHits(
  count: number,
  weights: Readonly<Record<string, number>>,
  labels: LabelSet = {},
): SampleLabels[] {
  const parts = partsOf(labels, { key: 'rule', weights: Object.entries(weights) });
  return Array.from({ length: count }, () => ({ labels, parts }));
}

/** Time of the last sample. Each sample is one sampling interval later than the previous one. */
let timestamp = 0;

/**
 * Returns a function, or one of V8's own nodes such as `(idle)`, with one sample for each of
 * `samples`.
 */
export function node(
  name: string,
  samples: readonly (LabelSet | SampleLabels | undefined)[] = [],
  ...children: CallNode[]
): CallNode {
  return {
    name,
    scriptName: name.startsWith('(') ? '' : 'file:///app.js',
    hitCount: samples.length,
    contexts: samples.map((labels) => ({
      context: isShared(labels) ? labels : { labels },
      timestamp: (timestamp += 10_000),
    })),
    children,
  };
}

function isShared(labels: LabelSet | SampleLabels | undefined): labels is SampleLabels {
  return Array.isArray(labels?.['parts']);
}

/** Sample for {@link rootOf}. */
export interface SampleSpec {
  /** Function that was running, or one of V8's own nodes. */
  readonly leaf: string;
  readonly labels?: LabelSet;
  readonly parts?: NonNullable<SampleLabels['parts']>;
  /** Time since the previous sample. Default: 10,000. */
  readonly elapsedMicros?: number;
  /** CPU time of the thread since the previous sample. Unknown if it is absent. */
  readonly cpuMicros?: number;
}

/**
 * Returns a call tree with the samples `specs`, in that order. Samples with the same leaf share a
 * node.
 */
export function rootOf(...specs: SampleSpec[]): CallNode {
  const leaves = new Map<string, CallNode & { contexts: SampleRecord[] }>();
  let at = 1_000_000;
  for (const { leaf, labels, parts, elapsedMicros = 10_000, cpuMicros } of specs) {
    at += elapsedMicros;
    const found = leaves.get(leaf) ?? { ...node(leaf), contexts: [] };
    leaves.set(leaf, found);
    found.contexts.push({
      context: { labels, ...(parts && { parts }) },
      timestamp: at,
      ...(cpuMicros === undefined ? {} : { cpuTime: cpuMicros * 1000 }),
    });
  }
  // The nodes are not in the order of time.
  return node('(root)', [], ...[...leaves.values()].reverse());
}

/** Returns a recording of a sampler without problems, with `changes`. */
export function recording(changes: Partial<Recording> = {}): Recording {
  return {
    root: node('(root)'),
    samplesTaken: 100,
    overflowed: false,
    otherThreadsCpuNanos: 0,
    fair: true,
    stuck: false,
    ...changes,
  };
}

/** Origin of the windows in the tests. */
export const origin: WindowOrigin = { threadId: 0, program: '/bin/program', comments: ['a test'] };

/** Returns the clocks `millis` after the process began, when it had used `processCpuSeconds`. */
export function readingAt(millis: number, processCpuSeconds: number): ClockReading {
  return {
    epochMillis: 1_700_000_000_000 + millis,
    monotonicMillis: millis,
    processCpuSeconds,
  };
}

/**
 * Returns a window of one second with a sampling interval of 10 ms. The process used
 * `processSeconds` of CPU; the counters of the thread are `thread`, if the system reports them.
 */
export function windowOf(
  outcome: Recording | Error,
  processSeconds = 1,
  thread?: ThreadTimes,
): ProfileWindow {
  return closeWindow({
    origin,
    sequence: 1,
    start: {
      ...readingAt(0, 5),
      thread: thread && { cpuSeconds: 0, waitSeconds: 0, timeslices: 0 },
    },
    end: { ...readingAt(1000, 5 + processSeconds), thread },
    samplingIntervalMicros: 10_000,
    pauseSeconds: 0.002,
    outcome,
  });
}
