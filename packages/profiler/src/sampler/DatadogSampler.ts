import type { LabelCell } from '../model/LabelSet';
import type { HolderCounts, LabelSink } from '../labels/LabelStorage';
import type { Recording } from '../model/Recording';
import type { Sampler, SamplerOptions } from './Sampler';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import { SamplerUnavailableError } from '../base/errors';
import { FairStart, type Fairness } from './FairStart';
import { NativeProfilers, endedProfiler, keyOf } from '../native/NativeProfilers';
import { OtherSamplers } from './OtherSamplers';
import { type Native, withNumbers, type NativeProfiler, loadNative } from '../native/loadNative';

/** Said of every recording without a hit, hence also of one that was closed before its first samples came. */
const STUCK_FOR_CERTAIN = 2;
const FEW_SAMPLES = 3;
/** Signals of another profiler beside ours (the line-level one) count as samples; in so many intervals there are ours among them. */
const STUCK_INTERVALS = 10;

export class DatadogSampler implements Sampler, LabelSink {
  private readonly native: Native;
  private profiler: NativeProfiler;
  /** Written by the signal handler. Kept at hand: labels ask for it on every asynchronous switch. */
  private state: Uint32Array;
  private readonly sampleCountIndex: number;
  private options: SamplerOptions;
  private started = false;
  /** When the recording under way began, milliseconds. */
  private sinceMillis = 0;
  /** In the recordings that are closed. */
  private samplesBefore = 0;
  private readonly otherSamplers: OtherSamplers;
  private readonly profilers: NativeProfilers;
  private readonly fairStart = new FairStart();
  /** See {@link renew}. */
  private worn = false;

  /**
   * @param frameStorage Its value in the running flow labels the samples. `undefined` where the
   *   runtime has no AsyncContextFrame.
   * @throws SamplerUnavailableError when the native part cannot be loaded, is not of the expected
   *   shape or does not agree on AsyncContextFrame.
   */
  constructor(frameStorage: AsyncLocalStorage<unknown> | undefined, initial: SamplerOptions) {
    this.native = loadNative();
    this.otherSamplers = new OtherSamplers(this.native.TimeProfiler);
    if (this.native.isAsyncContextFrameActive() !== (frameStorage !== undefined)) {
      throw new SamplerUnavailableError(
        `@datadog/pprof and Node.js ${process.version} do not agree whether AsyncContextFrame is active`,
      );
    }
    this.options = initial;
    this.sampleCountIndex = this.native.constants.kSampleCount;
    this.profilers = new NativeProfilers(this.native.TimeProfiler, frameStorage);
    this.profiler = this.profilers.get(initial);
    this.state = this.profiler.state;
    if (!isMainThread) process.once('exit', this.atExit);
  }

  get running(): boolean {
    return this.started;
  }

  get fairness(): Fairness | undefined {
    return this.fairStart.fairness;
  }

  start(options: SamplerOptions): void {
    if (this.started) throw new Error('the sampler is already running');
    const profiler = this.profilers.get(options);
    this.otherSamplers.shutOut();
    this.options = options;
    this.worn = false;
    this.profiler = profiler;
    this.state = this.profiler.state;
    this.orStopped(() => this.startProfiler());
    this.started = true;
    // A signal during the teardown of the process would find a profiler half gone. Last, so that who listens already still has
    // his last recording.
    process.removeListener('exit', this.atExit);
    process.once('exit', this.atExit);
    // The native stopwatch of this thread's CPU runs since the profiler was made, not since it was started; closing
    // a first, empty recording sets it to zero, else the first window would count that CPU as this window's.
    this.orStopped(() => this.profiler.stop(true));
    this.sinceMillis = performance.now();
  }

  rotate(options: SamplerOptions): Recording {
    if (this.worn || keyOf(options) !== keyOf(this.options)) {
      const recording = this.stop();
      this.start(options);
      return recording;
    }
    const recording = this.orStopped(() => this.close(true));
    if (recording.stuck) {
      // V8's sampling thread spins on a corrupt queue; only a new one gets out of it.
      this.orStopped(() => {
        this.profiler.stop(false);
        this.startProfiler();
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

  renew(): void {
    this.worn = true;
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

  totalSampleCount(): number {
    return this.samplesBefore + (this.started ? this.sampleCount() : 0);
  }

  holderCounts(): HolderCounts {
    const { usedAsyncContextCount: used, totalAsyncContextCount: total } = this.profiler.metrics;
    return { used, total };
  }

  /** V8 makes a new sampling thread here, and nowhere else. */
  private startProfiler(): void {
    this.fairStart.start(this.options.fair, () => this.profiler.start());
  }

  private readonly atExit = (): void => {
    try {
      if (this.started) this.stop();
    } finally {
      if (!isMainThread) this.free();
    }
  };

  /** The end of a worker is not that of the process, and a profiler that does not run is freed by nobody else. */
  private free(): void {
    // Who is told of the end after us may still enter labels.
    this.profiler = endedProfiler;
    this.state = endedProfiler.state;
    this.profilers.free();
  }

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
    if (isMainThread) process.removeListener('exit', this.atExit);
    this.otherSamplers.letIn();
  }

  private close(restart: boolean): Recording {
    if (!this.started) throw new Error('the sampler is not running');
    const samplesTaken = this.sampleCount();
    const recording = this.profiler.stop(restart);
    this.samplesBefore += samplesTaken;
    const now = performance.now();
    const intervals = ((now - this.sinceMillis) * 1000) / this.options.samplingIntervalMicros;
    this.sinceMillis = now;
    const stuck =
      this.profiler.v8ProfilerStuckEventLoopDetected() === STUCK_FOR_CERTAIN &&
      intervals > STUCK_INTERVALS;
    return {
      root: withNumbers(recording.topDownRoot),
      fair: this.fairness?.fair ?? false,
      samplesTaken,
      overflowed: samplesTaken >= bufferCapacity(this.options),
      otherThreadsCpuNanos: isMainThread ? recording.nonJSThreadsCpuTime : undefined,
      stuck: stuck && samplesTaken > FEW_SAMPLES,
    };
  }
}

/** The native side reserves twice what the duration needs. */
function bufferCapacity({ bufferMillis, samplingIntervalMicros }: SamplerOptions): number {
  return Math.floor((bufferMillis * 1000 * 2) / samplingIntervalMicros);
}
