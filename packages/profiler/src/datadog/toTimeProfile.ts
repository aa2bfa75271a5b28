import { cachedScriptPath } from '../base/scriptPath';
import type { CallNode, SampleRecord } from '../model/CallNode';
import type { ProfileWindow } from '../model/ProfileWindow';
import { thinSamples } from '../model/thinSamples';
import { sparedSamplesIn } from '../model/sparedSamplesIn';
import { isIdle } from '../model/timeline';
import type {
  NativeTimeProfile,
  TimeProfileNode,
  TimeProfileNodeContext,
} from '../native/loadNative';
import type { ResolvedTimeOptions } from './timeOptions';

/** Returns the context of a sample. */
export type ContextOf = (sample: SampleRecord) => object | undefined;

const EMPTY_ROOT: CallNode = { name: '(root)', scriptName: '', hitCount: 0, children: [] };

/**
 * Converts `window` to the input of `@datadog/pprof`'s serializer, as if it had been recorded for
 * this user alone. A failed window gives a profile without samples. Pure.
 *
 * @param contextOf `undefined`: samples get no context.
 * @param unsampledSeconds CPU time of the threads that run no sampled JavaScript. The serializer
 *   shows it as "Non JS threads activity". Sampled workers are not part of it: they have profiles of
 *   their own.
 */
export function toTimeProfile(
  window: ProfileWindow,
  {
    intervalMicros,
    collectCpuTime,
  }: Pick<ResolvedTimeOptions, 'intervalMicros' | 'collectCpuTime'>,
  contextOf: ContextOf | undefined,
  unsampledSeconds: number,
): NativeTimeProfile {
  const { root = EMPTY_ROOT, startTime, durationMillis, samplingIntervalMicros } = window;
  const own = samplingIntervalMicros < intervalMicros ? thinSamples(root, intervalMicros) : root;
  const startMicros = Math.round(startTime * 1000);
  return {
    topDownRoot: withContexts(own, contextOf, collectCpuTime),
    startTime: startMicros,
    endTime: startMicros + Math.round(durationMillis * 1000),
    hasCpuTime: collectCpuTime,
    totalHitCount: totalHitCount(own) + sparedSamplesIn(own, startTime, intervalMicros),
    nonJSThreadsCpuTime: collectCpuTime ? Math.round(unsampledSeconds * 1e9) : 0,
  };
}

/** Returns the number of samples in `node` and everything below it. Pure. */
export function totalHitCount({ hitCount, children }: CallNode): number {
  return children.reduce((sum, child) => sum + totalHitCount(child), hitCount);
}

/**
 * Converts a tree. Scripts get the path of their file as their name. Samples keep their records only
 * if `contextOf` is given.
 */
export function withContexts(
  node: CallNode,
  contextOf: ContextOf | undefined,
  collectCpuTime: boolean,
  pathOf = cachedScriptPath(),
): TimeProfileNode {
  // Idle time belongs to no context.
  const idle = isIdle(node);
  const samples = contextOf === undefined ? [] : (node.contexts ?? []);
  return {
    ...node,
    scriptName: pathOf(node.scriptName),
    contexts: samples.map((sample) => ({
      timestamp: BigInt(sample.timestamp),
      cpuTime: collectCpuTime ? sample.cpuTime : undefined,
      context: idle ? undefined : contextOf?.(sample),
      asyncId: sample.asyncId,
    })) as TimeProfileNodeContext[],
    children: node.children.map((child) => withContexts(child, contextOf, collectCpuTime, pathOf)),
  };
}
