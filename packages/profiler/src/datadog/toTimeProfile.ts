import type { NativeTimeProfile, TimeProfileNode } from '../native/loadNative';
import type { CallNode, SampleRecord } from '../model/CallNode';
import type { ProfileWindow } from '../model/ProfileWindow';
import { sparedSamples } from '../model/timeline';
import { thinSamples } from '../model/thinSamples';
import { isIdle, timelineOf, waitsOf } from '../model/timeline';
import type { ResolvedTimeOptions } from './timeOptions';

/** Finds the context of a sample. */
export type ContextOf = (sample: SampleRecord) => object | undefined;

const NOTHING: CallNode = { name: '(root)', scriptName: '', hitCount: 0, children: [] };

/**
 * `window` as `@datadog/pprof` would have recorded it for this user alone, as its serialiser wants
 * it. A window that failed has no samples. Pure.
 *
 * @param contextOf `undefined`: samples shall have no context.
 */
export function toTimeProfile(
  window: ProfileWindow,
  {
    intervalMicros,
    collectCpuTime,
  }: Pick<ResolvedTimeOptions, 'intervalMicros' | 'collectCpuTime'>,
  contextOf: ContextOf | undefined,
): NativeTimeProfile {
  const { root = NOTHING, startTime, durationMillis, samplingIntervalMicros, cpu, origin } = window;
  const own = samplingIntervalMicros < intervalMicros ? thinSamples(root, intervalMicros) : root;
  const startMicros = Math.round(startTime * 1000);
  const isMainThread = origin.threadId === 0;
  return {
    topDownRoot: withContexts(own, contextOf),
    startTime: startMicros,
    endTime: startMicros + Math.round(durationMillis * 1000),
    hasCpuTime: collectCpuTime,
    totalHitCount: hitsIn(own) + sparedSamples(waitsOf(timelineOf(own), startTime), intervalMicros),
    nonJSThreadsCpuTime:
      collectCpuTime && isMainThread ? Math.round(cpu.otherThreadsSeconds * 1e9) : 0,
  };
}

/** Hits in the tree under a node. Pure. */
export function hitsIn({ hitCount, children }: CallNode): number {
  return children.reduce((sum, child) => sum + hitsIn(child), hitCount);
}

/** A function with its callees, where samples have their contexts, or none. */
export function withContexts(node: CallNode, contextOf: ContextOf | undefined): TimeProfileNode {
  // Waiting is nobody's.
  const idle = isIdle(node);
  const samples = contextOf === undefined ? [] : (node.contexts ?? []);
  return {
    ...node,
    contexts: samples.map((sample) => ({
      ...sample,
      timestamp: BigInt(sample.timestamp),
      context: idle ? undefined : contextOf?.(sample),
    })),
    children: node.children.map((child) => withContexts(child, contextOf)),
  };
}
