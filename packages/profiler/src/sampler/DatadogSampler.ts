import type { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import { SamplerUnavailableError } from '../base/errors';
import { timers } from '../base/timers';
import type { HolderCounts, LabelSink } from '../labels/LabelStorage';
import type { LabelCell } from '../model/LabelSet';
import { boundLabels } from '../model/boundLabels';
import type { Recording } from '../model/Recording';
import { type Native, withNumbers, type NativeProfiler, loadNative } from '../native/loadNative';
import { NativeProfilers, bufferCapacity, endedProfiler, keyOf } from '../native/NativeProfilers';
import { FairStart, type Fairness } from './FairStart';
import { OtherSamplers } from './OtherSamplers';
import type { Sampler, SamplerOptions } from './Sampler';

/** Native result for a recording without a hit, even if its first samples have not arrived yet. */
const STUCK_DETECTED = 2;
/** Number of samples that a recording without a hit may have although V8 is not stuck. */
const MAX_PENDING_SAMPLES = 3;
/** Signals of a line-level profiler count as samples too. After so many intervals some are ours. */
const MIN_STUCK_INTERVALS = 10;

/** Sampler on top of the native time profiler of `@datadog/pprof`. */
export class DatadogSampler implements Sampler, LabelSink {
  private readonly native: Native;
  private profiler: NativeProfiler;
  /** Counters that the signal handler writes. Labels read them on every asynchronous switch. */
  private state: Uint32Array;
  private readonly sampleCountIndex: number;
  private options: SamplerOptions;
  private started = false;
  /** Start of the current recording by the monotonic clock, milliseconds. */
  private startMillis = 0;
  private samplesInClosedRecordings = 0;
  private readonly otherSamplers: OtherSamplers;
  private readonly profilers: NativeProfilers;
  private readonly fairStart = new FairStart();
  private renewRequested = false;

  /**
   * @param frameStorage Storage whose value in the running flow labels the samples. `undefined` if
   *   the runtime has no AsyncContextFrame.
   * @throws {SamplerUnavailableError} if the native part does not load or does not fit this
   * runtime.
   */
  constructor(frameStorage: AsyncLocalStorage<unknown> | undefined, initial: SamplerOptions) {
    this.native = loadNative();
    this.otherSamplers = new OtherSamplers(this.native.TimeProfiler);
    if (this.native.isAsyncContextFrameActive() !== (frameStorage !== undefined)) {
      throw new SamplerUnavailableError(
        `@datadog/pprof and Node.js ${process.version} disagree about whether AsyncContextFrame is active`,
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
    this.otherSamplers.block();
    this.options = options;
    this.renewRequested = false;
    this.profiler = profiler;
    this.state = this.profiler.state;
    this.stopOnError(() => this.startProfiler());
    this.started = true;
    // Stop at exit, because a signal during the teardown of the process would find a half-destroyed
    // profiler. Listen last, so that earlier exit listeners still receive the last recording.
    process.removeListener('exit', this.atExit);
    process.once('exit', this.atExit);
    // The native stopwatch for this thread's CPU runs from the creation of the profiler. Closing a
    // first, empty recording resets it. Otherwise the first window would include that CPU.
    this.stopOnError(() => this.profiler.stop(true));
    this.startMillis = timers.monotonicMillis();
  }

  rotate(options: SamplerOptions): Recording {
    if (this.renewRequested || keyOf(options) !== keyOf(this.options)) {
      const recording = this.stop();
      this.start(options);
      return recording;
    }
    const recording = this.stopOnError(() => this.close(true));
    if (recording.stuck) {
      // V8's sampling thread spins on a corrupt queue. Only a new sampling thread gets out of it.
      this.stopOnError(() => {
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
      this.markStopped();
    }
  }

  renew(): void {
    this.renewRequested = true;
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
    return this.samplesInClosedRecordings + (this.started ? this.sampleCount() : 0);
  }

  holderCounts(): HolderCounts {
    const { usedAsyncContextCount: used, totalAsyncContextCount: total } = this.profiler.metrics;
    return { used, total };
  }

  /** Starts the native profiler. V8 creates a new sampling thread here and nowhere else. */
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

  /** Frees the profilers of a worker. Its process continues, and no other code would free them. */
  private free(): void {
    // Exit listeners that are called later may still enter labels.
    this.profiler = endedProfiler;
    this.state = endedProfiler.state;
    this.profilers.free();
  }

  /** Runs `action`. If it throws, marks the sampler as stopped: the next window starts it again. */
  private stopOnError<T>(action: () => T): T {
    try {
      return action();
    } catch (thrown) {
      this.markStopped();
      throw thrown;
    }
  }

  private markStopped(): void {
    this.started = false;
    if (isMainThread) process.removeListener('exit', this.atExit);
    this.otherSamplers.allow();
  }

  private close(restart: boolean): Recording {
    if (!this.started) throw new Error('the sampler is not running');
    const samplesTaken = this.sampleCount();
    const recording = this.profiler.stop(restart);
    this.samplesInClosedRecordings += samplesTaken;
    const now = timers.monotonicMillis();
    const intervals = ((now - this.startMillis) * 1000) / this.options.samplingIntervalMicros;
    this.startMillis = now;
    const stuck =
      this.profiler.v8ProfilerStuckEventLoopDetected() === STUCK_DETECTED &&
      intervals > MIN_STUCK_INTERVALS;
    return {
      root: boundLabels(withNumbers(recording.topDownRoot)),
      fair: this.fairness?.fair ?? false,
      samplesTaken,
      overflowed: samplesTaken >= bufferCapacity(this.options),
      otherThreadsCpuNanos: isMainThread ? recording.nonJSThreadsCpuTime : undefined,
      stuck: stuck && samplesTaken > MAX_PENDING_SAMPLES,
    };
  }
}
