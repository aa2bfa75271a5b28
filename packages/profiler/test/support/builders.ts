import type { LabelSet } from '../../src/model/LabelSet';
import type { Recording } from '../../src/model/Recording';
import type { ClockReading, ThreadTimes } from '../../src/model/ClockReading';
import type { CallNode, SampleRecord } from '../../src/model/CallNode';
import type { ProfileWindow, WindowOrigin } from '../../src/model/ProfileWindow';
import { closeWindow } from '../../src/collector/closeWindow';

/** `count` samples with the same labels, for {@link node}. */
export function hits(count: number, labels?: LabelSet): (LabelSet | undefined)[] {
  return Array.from({ length: count }, () => labels);
}

/** Samples are made one sampling interval after each other. */
let timestamp = 0;

/** A function, or a node of V8's own such as `(idle)`, with one sample for each of `samples`. */
export function node(
  name: string,
  samples: readonly (LabelSet | undefined)[] = [],
  ...children: CallNode[]
): CallNode {
  return {
    name,
    scriptName: name.startsWith('(') ? '' : 'file:///app.js',
    hitCount: samples.length,
    contexts: samples.map((labels) => ({
      context: { labels },
      timestamp: (timestamp += 10_000),
    })),
    children,
  };
}

/** One sample, for {@link rootOf}. */
export interface SampleSpec {
  /** The function that was running, or a node of V8's own. */
  readonly leaf: string;
  readonly labels?: LabelSet;
  /** Since the sample before it; default 10,000. */
  readonly elapsedMicros?: number;
  /** CPU of the thread since the sample before it; left out: not known. */
  readonly cpuMicros?: number;
}

/** A call tree with the samples `specs`, in that order. Samples with the same leaf share a node. */
export function rootOf(...specs: SampleSpec[]): CallNode {
  const leaves = new Map<string, CallNode & { contexts: SampleRecord[] }>();
  let at = 1_000_000;
  for (const { leaf, labels, elapsedMicros = 10_000, cpuMicros } of specs) {
    at += elapsedMicros;
    const found = leaves.get(leaf) ?? { ...node(leaf), contexts: [] };
    leaves.set(leaf, found);
    found.contexts.push({
      context: { labels },
      timestamp: at,
      ...(cpuMicros === undefined ? {} : { cpuTime: cpuMicros * 1000 }),
    });
  }
  // Not in the order of time.
  return node('(root)', [], ...[...leaves.values()].reverse());
}

/** A recording by a sampler in good health; `changes` make it any other. */
export function recording(changes: Partial<Recording> = {}): Recording {
  return {
    root: node('(root)'),
    samplesTaken: 0,
    overflowed: false,
    otherThreadsCpuNanos: 0,
    fair: true,
    stuck: false,
    ...changes,
  };
}

/** Where the windows of the tests come from. */
export const origin: WindowOrigin = { threadId: 0, program: '/bin/program', comments: ['a test'] };

/** The clocks `millis` after the process began, when it had used `processCpuSeconds`. */
export function border(millis: number, processCpuSeconds: number): ClockReading {
  return {
    epochMillis: 1_700_000_000_000 + millis,
    monotonicMillis: millis,
    processCpuSeconds,
  };
}

/**
 * A window of one second and 10 ms sampling interval, in which the process used `processSeconds`,
 * and the thread `thread` where the system tells.
 */
export function windowOf(
  outcome: Recording | Error,
  processSeconds = 1,
  thread?: ThreadTimes,
): ProfileWindow {
  return closeWindow({
    origin,
    sequence: 1,
    start: { ...border(0, 5), thread: thread && { cpuSeconds: 0, waitSeconds: 0, timeslices: 0 } },
    end: { ...border(1000, 5 + processSeconds), thread },
    samplingIntervalMicros: 10_000,
    pauseSeconds: 0.002,
    outcome,
  });
}
