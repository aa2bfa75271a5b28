import type { CallNode, SampleRecord } from '../model/CallNode';
import type { ProfileWindow } from '../model/ProfileWindow';
import { thinSamples } from '../model/thinSamples';
import { sparedSamplesIn } from '../model/sparedSamplesIn';
import { isIdle } from '../model/timeline';
import type { NativeTimeProfile, TimeProfileNode } from '../native/loadNative';
import type { ResolvedTimeOptions } from './timeOptions';

/** Returns the context of a sample. */
export type ContextOf = (sample: SampleRecord) => object | undefined;

const EMPTY_ROOT: CallNode = { name: '(root)', scriptName: '', hitCount: 0, children: [] };

/**
 * Converts `window` to the input of `@datadog/pprof`'s serializer, as if it had been recorded for
 * this user alone. A failed window gives a profile without samples. Pure.
 *
 * @param contextOf `undefined`: samples get no context.
 */
export function toTimeProfile(
  window: ProfileWindow,
  {
    intervalMicros,
    collectCpuTime,
  }: Pick<ResolvedTimeOptions, 'intervalMicros' | 'collectCpuTime'>,
  contextOf: ContextOf | undefined,
): NativeTimeProfile {
  const {
    root = EMPTY_ROOT,
    startTime,
    durationMillis,
    samplingIntervalMicros,
    cpu,
    origin,
  } = window;
  const own = samplingIntervalMicros < intervalMicros ? thinSamples(root, intervalMicros) : root;
  const startMicros = Math.round(startTime * 1000);
  const isMainThread = origin.threadId === 0;
  return {
    topDownRoot: withContexts(own, contextOf),
    startTime: startMicros,
    endTime: startMicros + Math.round(durationMillis * 1000),
    hasCpuTime: collectCpuTime,
    totalHitCount: totalHitCount(own) + sparedSamplesIn(own, startTime, intervalMicros),
    nonJSThreadsCpuTime:
      collectCpuTime && isMainThread ? Math.round(cpu.otherThreadsSeconds * 1e9) : 0,
  };
}

/** Returns the number of samples in `node` and everything below it. Pure. */
export function totalHitCount({ hitCount, children }: CallNode): number {
  return children.reduce((sum, child) => sum + totalHitCount(child), hitCount);
}

/** Converts a tree. Samples keep their records only if `contextOf` is given. */
export function withContexts(node: CallNode, contextOf: ContextOf | undefined): TimeProfileNode {
  // Idle time belongs to no context.
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
