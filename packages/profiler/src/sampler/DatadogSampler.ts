import type { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import { timers } from '../base/timers';
import type { HolderCounts, LabelSink } from '../labels/LabelStorage';
import type { LabelCell, LabelSet } from '../model/LabelSet';
import type { Recording } from '../model/Recording';
import type { NativeProfiler } from '../native/loadNative';
import { NativeProfilers, bufferCapacity, keyOf, noProfiler } from '../native/NativeProfilers';
import { type SampleContext, toSampleContext } from '../native/sampleContext';
import { listenAtExit } from '../slot/realms';
import { DropInReadings } from './DropInReadings';
import { FairStart, type Fairness } from './FairStart';
import { Neighbors } from './Neighbors';
import type { Sampler, SamplerOptions, SamplerUser } from './Sampler';
import { StuckDetector } from './StuckDetector';
import { loadNativeFor } from './loadNativeFor';
import { assertNoOtherVersionSamples } from './otherVersion';
import { toRecording } from './toRecording';

/** Sampler on top of the native time profiler of `@datadog/pprof`. */
export class DatadogSampler implements Sampler, LabelSink {
  readonly dropIn = new DropInReadings();
  running = false;
  private profiler = noProfiler;
  /** Counters that the signal handler writes. Labels read them on every asynchronous switch. */
  private state = noProfiler.state;
  private readonly sampleCountIndex: number;
  /** Start of the current recording by the monotonic clock, milliseconds. */
  private startMillis = 0;
  private samplesInClosedRecordings = 0;
  user: SamplerUser | undefined;
  private readonly neighbors: Neighbors;
  private readonly profilers: NativeProfilers;
  private readonly fairStart = new FairStart();
  private readonly stuckDetector = new StuckDetector();

  /**
   * @param frameStorage Storage whose value in the running flow labels the samples. `undefined` if
   *   the runtime has no AsyncContextFrame.
   * @throws {SamplerUnavailableError} if the native part does not load or does not fit this
   * runtime.
   */
  constructor(
    private readonly frameStorage: AsyncLocalStorage<unknown> | undefined,
    private options: SamplerOptions,
  ) {
    const { TimeProfiler, constants } = loadNativeFor(frameStorage);
    this.neighbors = new Neighbors(TimeProfiler, () => this.user);
    this.sampleCountIndex = constants.kSampleCount;
    this.profilers = new NativeProfilers(TimeProfiler, frameStorage);
    // Without a frame storage, labels need no profiler before sampling starts.
    if (isMainThread || frameStorage !== undefined) this.use(this.profilers.get(options));
    if (!isMainThread) listenAtExit(this.atExit);
  }

  get retired(): boolean {
    return this.neighbors.retired;
  }

  get fairness(): Fairness | undefined {
    return this.fairStart.fairness;
  }

  start(wanted: SamplerOptions): void {
    if (this.running) throw new Error('the sampler is already running');
    const options = { ...wanted, asyncIds: this.dropIn.asyncIds };
    assertNoOtherVersionSamples();
    // What takes long comes before the profiler: a terminated worker leaves one that does not run.
    if (options.fair) this.fairStart.load();
    this.neighbors.enter();
    this.options = options;
    this.stopOnError(() => {
      this.use(this.profilers.get(options));
      this.startProfiler();
    });
    this.running = true;
    // Stop at exit, because a signal during the teardown of the process would find a half-destroyed
    // profiler. Listen last, so that earlier exit listeners still receive the last recording.
    listenAtExit(this.atExit);
    // The native stopwatch for this thread's CPU runs from the creation of the profiler. Closing a
    // first, empty recording resets it. Otherwise the first window would include that CPU.
    this.stopOnError(() => this.profiler.stop(true));
    this.startMillis = timers.monotonicMillis();
  }

  rotate(wanted: SamplerOptions): Recording {
    const options = { ...wanted, asyncIds: this.dropIn.asyncIds };
    if (this.neighbors.worn || keyOf(options) !== keyOf(this.options)) {
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

  createHolder(labels: LabelSet, like?: { readonly 0?: SampleContext }): object {
    // The native side keeps the context of a holder as its element 0.
    return this.profiler.createContextHolder(like?.[0] ?? toSampleContext(labels));
  }

  setCell(cell: LabelCell): void {
    this.profiler.context = cell;
  }

  sampleCount(): number {
    return this.state[this.sampleCountIndex] ?? 0;
  }

  totalSampleCount(): number {
    return this.samplesInClosedRecordings + (this.running ? this.sampleCount() : 0);
  }

  holderCounts(): HolderCounts {
    const { usedAsyncContextCount: used, totalAsyncContextCount: total } = this.profiler.metrics;
    return { used, total };
  }

  /** Starts the native profiler. V8 creates a new sampling thread here and nowhere else. */
  private startProfiler(): void {
    this.fairStart.start(this.options.fair, () => this.profiler.start());
    this.stuckDetector.reset();
  }

  private readonly atExit = (): void => {
    try {
      if (this.running) this.stop();
    } finally {
      if (!isMainThread) this.free();
    }
  };

  /** Frees the profilers of a worker. Its process continues, and no other code would free them. */
  private free(): void {
    // Exit listeners that are called later may still enter labels.
    this.use(noProfiler);
    this.profilers.free();
  }

  private use(profiler: NativeProfiler): void {
    this.profiler = profiler;
    this.state = profiler.state;
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
    this.running = false;
    if (isMainThread) process.removeListener('exit', this.atExit);
    this.neighbors.leave();
    // The native side would keep the cell, and with it all memory of the realm of a test file.
    // With a frame storage, the setter would take the labels from the running flow.
    if (this.frameStorage === undefined) this.profiler.context = undefined;
  }

  private close(restart: boolean): Recording {
    if (!this.running) throw new Error('the sampler is not running');
    const samplesTaken = this.sampleCount();
    const recording = this.profiler.stop(restart);
    this.samplesInClosedRecordings += samplesTaken;
    const now = timers.monotonicMillis();
    const intervals = ((now - this.startMillis) * 1000) / this.options.samplingIntervalMicros;
    this.startMillis = now;
    const detected = this.profiler.v8ProfilerStuckEventLoopDetected();
    return this.dropIn.count(
      toRecording(recording, {
        fair: this.fairness?.fair ?? false,
        samplesTaken,
        capacity: bufferCapacity(this.options),
        stuck: this.stuckDetector.isStuck(detected, samplesTaken, intervals),
      }),
    );
  }
}
