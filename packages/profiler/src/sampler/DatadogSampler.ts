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
import type { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import type { Profile } from 'pprof-format';
import { SamplerUnavailableError, toError } from '../errors';
import type { LabelCell } from '../labels/LabelCell';
import { perThread } from '../threadState';
import type { CallNode } from '../window/CallNode';
import type { LabelSink, Recording, Sampler, SamplerOptions } from './Sampler';

interface NativeRecording {
  readonly topDownRoot: CallNode;
  readonly nonJSThreadsCpuTime?: number;
}

interface NativeProfiler {
  context: LabelCell | undefined;
  readonly state: Uint32Array;
  start(): void;
  stop(restart: boolean): NativeRecording;
  createContextHolder(cell: LabelCell): object;
  v8ProfilerStuckEventLoopDetected(): number;
}

interface Native {
  readonly TimeProfiler: new (options: Record<string, unknown>) => NativeProfiler;
  readonly constants: { readonly kSampleCount: number };
  readonly serializeTimeProfile: (
    recording: NativeRecording,
    intervalMicros: number,
    sourceMapper: undefined,
    recomputeInterval: boolean,
    generateLabels: (sample: { context?: { context?: LabelCell } }) => Record<string, string>,
    lowCardinalityLabels: string[],
  ) => Profile;
  readonly isAsyncContextFrameActive: () => boolean;
}

/** Said of every recording without a hit, hence also of one that was closed before its first samples came. */
const STUCK_FOR_CERTAIN = 2;
const FEW_SAMPLES = 3;

export class DatadogSampler implements Sampler, LabelSink {
  readonly carriesLabels: boolean;
  private readonly native: Native;
  private profiler: NativeProfiler;
  /** Written by the signal handler. Kept at hand: labels ask for it on every asynchronous switch. */
  private state: Uint32Array;
  private readonly sampleCountIndex: number;
  private options: SamplerOptions;
  private started = false;
  /** One native profiler for each combination of options ever used. */
  private readonly profilers = new Map<string, NativeProfiler>();

  /**
   * @param storage Its value in the running flow labels the samples, where the runtime carries labels.
   * @throws SamplerUnavailableError when the native part cannot be loaded or is not of the expected shape.
   */
  constructor(
    private readonly storage: AsyncLocalStorage<unknown>,
    initial: SamplerOptions,
  ) {
    this.native = loadNative();
    this.carriesLabels = this.native.isAsyncContextFrameActive();
    this.options = initial;
    this.sampleCountIndex = this.native.constants.kSampleCount;
    this.profiler = this.profilerFor(initial);
    this.state = this.profiler.state;
  }

  get running(): boolean {
    return this.started;
  }

  start(options: SamplerOptions): void {
    if (this.started) throw new Error('the sampler is already running');
    this.options = options;
    this.profiler = this.profilerFor(options);
    this.state = this.profiler.state;
    this.profiler.start();
    this.started = true;
    // A signal during the teardown of the process would find a profiler half gone.
    process.once('exit', this.stopAtExit);
    // The native stopwatch of this thread's CPU runs since the profiler was made, not since it was started; closing
    // a first, empty recording sets it to zero, else the first window would count that CPU as this window's.
    this.orStopped(() => this.profiler.stop(true));
  }

  rotate(): Recording {
    const recording = this.orStopped(() => this.close(true));
    if (recording.stuck) {
      // V8's sampling thread spins on a corrupt queue; only a new one gets out of it.
      this.orStopped(() => {
        this.profiler.stop(false);
        this.profiler.start();
        this.profiler.stop(true);
      });
    }
    return recording;
  }

  stop(): Recording {
    try {
      return this.close(false);
    } finally {
      this.setStopped();
    }
  }

  createHolder(cell: LabelCell): object {
    return this.profiler.createContextHolder(cell);
  }

  setCell(cell: LabelCell): void {
    this.profiler.context = cell;
  }

  sampleCount(): number {
    return this.state[this.sampleCountIndex] ?? 0;
  }

  private readonly stopAtExit = (): void => {
    if (this.started) this.stop();
  };

  /** After a failure of the native side the sampler is stopped: the next window starts it anew. */
  private orStopped<T>(action: () => T): T {
    try {
      return action();
    } catch (thrown) {
      this.setStopped();
      throw thrown;
    }
  }

  private setStopped(): void {
    this.started = false;
    process.removeListener('exit', this.stopAtExit);
  }

  private close(restart: boolean): Recording {
    if (!this.started) throw new Error('the sampler is not running');
    const { samplingIntervalMicros } = this.options;
    const samplesTaken = this.sampleCount();
    const recording = this.profiler.stop(restart);
    const stuck = this.profiler.v8ProfilerStuckEventLoopDetected() === STUCK_FOR_CERTAIN;
    return {
      root: recording.topDownRoot,
      samplesTaken,
      overflowed: samplesTaken >= bufferCapacity(this.options),
      otherThreadsCpuNanos: isMainThread ? recording.nonJSThreadsCpuTime : undefined,
      stuck: stuck && samplesTaken > FEW_SAMPLES,
      toProfile: () =>
        this.native.serializeTimeProfile(
          recording,
          samplingIntervalMicros,
          undefined,
          true,
          ({ context }) => ({ ...context?.context?.labels }),
          [],
        ),
    };
  }

  private profilerFor(options: SamplerOptions): NativeProfiler {
    const key = `${options.samplingIntervalMicros}/${options.bufferMillis}`;
    let profiler = this.profilers.get(key);
    if (profiler === undefined) {
      profiler = new this.native.TimeProfiler({
        durationMillis: options.bufferMillis,
        intervalMicros: options.samplingIntervalMicros,
        lineNumbers: false,
        withContexts: true,
        // Waiting for two signals per window would block the event loop for 14-22 ms; a stuck V8 is noticed instead.
        workaroundV8Bug: false,
        collectCpuTime: true,
        collectAsyncId: false,
        useCPED: this.carriesLabels,
        CPEDKey: this.carriesLabels ? this.storage : undefined,
        isMainThread,
      });
      this.profilers.set(key, profiler);
      // The destructor frees the labels of all the holders it made, and flows may still carry those:
      // none may be collected before its thread ends.
      perThread('profilers', () => new Set<NativeProfiler>()).add(profiler);
    }
    return profiler;
  }
}

/** The native side reserves twice what the duration needs. */
function bufferCapacity({ bufferMillis, samplingIntervalMicros }: SamplerOptions): number {
  return Math.floor((bufferMillis * 1000 * 2) / samplingIntervalMicros);
}

function loadNative(): Native {
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
