/**
 * The only file that touches `@datadog/pprof`. It goes below the package's public `time` for three reasons, each
 * of which `time` makes impossible:
 *
 * - one `AsyncLocalStorage` of ours for labels *and* the user's value, so that entering a labelled flow costs
 *   one storage, not two (`time.start` makes a storage of its own at every start);
 * - holders made before sampling starts, so that a flow that is under way has its label from the first sample;
 * - the call tree with `(program)` and `(idle)` in it, which the serialised profile drops: without them
 *   the CPU of a window cannot be divided.
 *
 * These modules are not public API. The dependency is pinned to one version and their shape is checked at load.
 */
import type { Profile } from 'pprof-format';
import { SamplerUnavailableError, toError } from '../errors';
import type { LabelCell } from '../labels/LabelCell';
import type { CallNode } from '../window/CallNode';

export interface NativeRecording {
  readonly topDownRoot: CallNode;
  readonly nonJSThreadsCpuTime?: number;
}

/** A recording as the serialiser wants it; times in microseconds. */
export interface NativeTimeProfile {
  readonly topDownRoot: CallNode;
  readonly startTime: number;
  readonly endTime: number;
  readonly hasCpuTime: boolean;
  readonly nonJSThreadsCpuTime: number;
}

export interface NativeProfiler {
  context: LabelCell | undefined;
  readonly state: Uint32Array;
  start(): void;
  stop(restart: boolean): NativeRecording;
  createContextHolder(cell: LabelCell): object;
  v8ProfilerStuckEventLoopDetected(): number;
}

export interface Native {
  readonly TimeProfiler: new (options: Record<string, unknown>) => NativeProfiler;
  readonly constants: { readonly kSampleCount: number };
  /** Makes what `time.stop` returns. */
  readonly serializeTimeProfile: (
    recording: NativeTimeProfile,
    intervalMicros: number,
    sourceMapper: object | undefined,
    recomputeInterval: boolean,
    generateLabels: ((sample: object) => Record<string, string | number>) | undefined,
    lowCardinalityLabels: string[] | undefined,
    columnNumbers: string | undefined,
  ) => Profile;
  readonly isAsyncContextFrameActive: () => boolean;
}

/** Loads them. @throws SamplerUnavailableError when they cannot be loaded or are not of the expected shape. */
export function loadNative(): Native {
  const modules: Partial<Native> = {};
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, so that importing us never throws */
    Object.assign(modules, require('@datadog/pprof/out/src/time-profiler-bindings'));
    Object.assign(modules, require('@datadog/pprof/out/src/profile-serializer'));
    Object.assign(modules, require('@datadog/pprof/out/src/async-context-frame'));
    /* eslint-enable @typescript-eslint/no-require-imports */
  } catch (thrown) {
    throw new SamplerUnavailableError(
      `the native part of @datadog/pprof does not load on ${process.platform}-${process.arch}, ` +
        `Node ${process.versions.node} (${firstLine(toError(thrown))})`,
      { cause: thrown },
    );
  }
  const expected = ['TimeProfiler', 'serializeTimeProfile', 'isAsyncContextFrameActive'] as const;
  const missing = expected.filter((name) => typeof modules[name] !== 'function');
  if (missing.length > 0 || typeof modules.constants?.kSampleCount !== 'number') {
    throw new SamplerUnavailableError(
      `this copy of @datadog/pprof lacks ${[...missing, 'constants.kSampleCount'][0]}: ` +
        'rulescope needs exactly the version in its package.json, look for an override',
    );
  }
  return modules as Native;
}

function firstLine(error: Error): string {
  return error.message.split('\n', 1)[0] ?? '';
}
