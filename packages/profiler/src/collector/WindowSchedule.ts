import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { SamplerOptions } from '../sampler/Sampler';
import { type RecorderParts, WindowRecorder } from './WindowRecorder';
import { type ResolvedCollectorOptions, bufferMillis } from './options';

/**
 * Time for which the sampler keeps an interval after the last reader that needed it has gone. A
 * change of the interval stops the thread for 2.3 microseconds for each compiled function, 0.35 s
 * in a large program, so readers that come again and again should not cause two of them each time.
 */
const KEPT_MILLIS = 60_000;

/** Gets windows: a consumer's queue, a span or the connection of a worker. */
export interface Reader {
  /** Whether sampling must not pause between windows while this reader is registered. */
  readonly gapless?: boolean;
  /** Takes a window. Must neither throw nor block. */
  offer(window: ProfileWindow): void;
}

/**
 * Opens and closes windows on time, and whenever a reader comes or goes, and hands each window to
 * the readers that were there when it began. The first reader starts the sampling and the last one
 * stops it.
 */
export class WindowSchedule {
  /** All readers, each with the sampling interval that it asked for, microseconds. */
  private readonly readers = new Map<Reader, number>();
  private readonly recorder: WindowRecorder;
  private cancelTimer: (() => void) | undefined;
  /** How the sampler samples. `undefined` before the first start. */
  private sampling: SamplerOptions | undefined;
  /** Time when a reader last needed the sampling interval, by the monotonic clock. */
  private neededMillis = 0;

  /** @param workerIds Returns the thread ids of the workers that are sampled beside this thread. */
  constructor(
    private readonly parts: RecorderParts,
    private readonly options: ResolvedCollectorOptions,
    private readonly workerIds: () => readonly number[],
  ) {
    this.recorder = new WindowRecorder(parts, options.logger);
  }

  get running(): boolean {
    return this.recorder.running;
  }

  get startFailure(): Error | undefined {
    return this.recorder.startFailure;
  }

  /** Time since the open window began, milliseconds. */
  get ageMillis(): number | undefined {
    return this.recorder.ageMillis;
  }

  has(reader: Reader): boolean {
    return this.readers.has(reader);
  }

  /** Returns the sampling interval that `reader` asked for, microseconds. */
  intervalOf(reader: Reader): number | undefined {
    return this.readers.get(reader);
  }

  /** Closes the open window, if there is one, and opens the next. */
  rotate(): void {
    this.outsideAnyFlow(() => {
      const boundary = this.closeWindow(true);
      if (boundary !== undefined) this.openWindow(boundary);
    });
  }

  /**
   * Registers a reader, which must not be registered yet. It gets the windows that begin from now
   * on.
   */
  add(reader: Reader, intervalMicros: number): void {
    this.outsideAnyFlow(() => {
      const { readers } = this;
      // The open window goes to the earlier readers only. The next one has the new interval.
      const others = [...readers.keys()];
      readers.set(reader, intervalMicros);
      const boundary = this.closeWindow(true, undefined, others);
      this.openWindow(boundary);
    });
  }

  /** Ends the registration. Closes the open window at once; the reader gets it as its last one. */
  remove(reader: Reader): void {
    if (!this.readers.has(reader)) return;
    this.outsideAnyFlow(() => {
      const all = [...this.readers.keys()];
      this.readers.delete(reader);
      const boundary = this.closeWindow(this.readers.size > 0, undefined, all);
      if (this.readers.size === 0) this.cancelTimer?.();
      else if (boundary !== undefined) this.openWindow(boundary);
    });
  }

  /** Ends the registration of all readers. They get the open window as their last one. */
  end(): void {
    for (const reader of [...this.readers.keys()]) this.remove(reader);
  }

  /**
   * Runs `fn` outside the caller's asynchronous flow. Timers and callbacks that the collector
   * creates must not carry the labels of a user's flow, and do not belong to a consumer's call.
   */
  outsideAnyFlow(fn: () => void): void {
    this.parts.labels.runOwned(this, fn);
  }

  /**
   * Returns how to sample from now on: at the shortest interval that a reader asks for, or has
   * asked for a short time ago.
   */
  private nextSampling(): SamplerOptions {
    const { sampling } = this;
    const samplingIntervalMicros = Math.min(...this.readers.values());
    const now = this.parts.clock.now().monotonicMillis;
    if (
      sampling !== undefined &&
      this.parts.sampler.running &&
      samplingIntervalMicros > sampling.samplingIntervalMicros &&
      now - this.neededMillis <= KEPT_MILLIS
    ) {
      return sampling;
    }
    this.neededMillis = now;
    return (this.sampling = {
      samplingIntervalMicros,
      bufferMillis: bufferMillis(this.options.windowMillis, samplingIntervalMicros),
      fair: this.options.fairSampling,
    });
  }

  /** @param boundary End of the previous window, if this one must follow it without a gap. */
  private openWindow(boundary?: ClockReading): void {
    this.cancelTimer?.();
    const { sampling } = this;
    const running = sampling !== undefined && this.parts.sampler.running;
    this.recorder.open(running ? sampling : this.nextSampling(), boundary);
    if (this.parts.sampler.retired) return;
    this.cancelTimer = this.parts.clock.after(this.options.windowMillis, () =>
      this.closePlannedWindow(),
    );
  }

  private closePlannedWindow(): void {
    const { windowMillis, periodMillis } = this.options;
    const continuous =
      periodMillis === windowMillis || [...this.readers.keys()].some(({ gapless }) => gapless);
    const boundary = this.closeWindow(continuous, windowMillis);
    if (continuous) this.openWindow(boundary);
    else
      this.cancelTimer = this.parts.clock.after(periodMillis - windowMillis, () =>
        this.openWindow(),
      );
  }

  /** Hands the open window to `readers` and returns its end. Does nothing if no window is open. */
  private closeWindow(
    continueSampling: boolean,
    plannedMillis?: number,
    readers: Iterable<Reader> = [...this.readers.keys()],
  ): ClockReading | undefined {
    const closed = this.recorder.close({
      next: continueSampling ? this.nextSampling() : undefined,
      plannedMillis,
      workers: this.workerIds(),
    });
    if (closed === undefined) return undefined;
    for (const reader of readers) reader.offer(closed.window);
    return closed.boundary;
  }
}
