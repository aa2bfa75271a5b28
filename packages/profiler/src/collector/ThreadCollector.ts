import { functionOption, nonEmptyString } from '../base/validate';
import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { SamplerOptions } from '../sampler/Sampler';
import type { Consumer, ConsumerOptions, WindowCallback } from './Consumer';
import { ConsumerQueue, Turns } from './ConsumerQueue';
import { ConsumerSet } from './ConsumerSet';
import { type SampledWorkers, noWorkers } from './SampledWorkers';
import type { ProfileCollector } from './ProfileCollector';
import { type ProfileSpan, ProfileSpanRecorder } from './ProfileSpan';
import { type RecorderParts, WindowRecorder } from './WindowRecorder';
import {
  type CollectorOptions,
  type ResolvedCollectorOptions,
  bufferMillis,
  resolveCollectorOptions,
  resolveReaderOptions,
} from './options';

/** Periods that a consumer may lag behind before it loses windows. */
const MAX_LAG_PERIODS = 4;

/** What a collector is built from. */
export interface CollectorParts extends RecorderParts {
  /** Default: no workers. */
  readonly workers?: SampledWorkers;
}

/** Gets windows: a consumer's queue, a span or the connection of a worker. */
export interface Reader {
  /** Whether sampling must not pause between windows while this reader is registered. */
  readonly gapless?: boolean;
  /** Takes a window. Must neither throw nor block. */
  offer(window: ProfileWindow): void;
}

/**
 * Owns the sampler of its thread. The first reader starts the sampling and the last one stops it.
 */
export class ThreadCollector implements ProfileCollector {
  readonly options: ResolvedCollectorOptions;
  private readonly queues = new ConsumerSet();
  private readonly turns = new Turns();
  /** All readers, each with the sampling interval that it asked for, microseconds. */
  private readonly readers = new Map<Reader, number>();
  private readonly recorder: WindowRecorder;
  private cancelTimer: (() => void) | undefined;
  private readonly workers: SampledWorkers;

  constructor(
    private readonly parts: CollectorParts,
    options: CollectorOptions = {},
  ) {
    this.workers = parts.workers ?? noWorkers;
    this.options = resolveCollectorOptions(options);
    this.recorder = new WindowRecorder(parts, this.options.logger);
  }

  get running(): boolean {
    return this.recorder.running;
  }

  get startFailure(): Error | undefined {
    return this.recorder.startFailure;
  }

  addConsumer(name: string, callback: WindowCallback, options: ConsumerOptions = {}): Consumer {
    nonEmptyString('name', name);
    functionOption('callback', callback);
    const intervalMicros = this.intervalOf(options);
    const { logger, periodMillis } = this.options;
    const queue = new ConsumerQueue(
      name,
      callback,
      logger,
      this.parts.labels,
      this.turns,
      MAX_LAG_PERIODS * periodMillis,
    );
    this.addReader(queue, intervalMicros);
    this.queues.add(queue, this.recorder.since ?? 0);
    this.sampleWorkers();
    const remove = (): Promise<void> => {
      this.removeReader(queue);
      if (this.queues.delete(queue)) this.sampleWorkers();
      return queue.drained();
    };
    return {
      name,
      get dropped() {
        return queue.dropped;
      },
      get failed() {
        return queue.failed;
      },
      remove,
      [Symbol.dispose]: () => void remove(),
    };
  }

  openSpan(options: ConsumerOptions = {}): ProfileSpan {
    const recorder = new ProfileSpanRecorder();
    this.addReader(recorder, this.intervalOf(options));
    const close = (): ProfileWindow => {
      this.removeReader(recorder);
      return recorder.take();
    };
    return {
      cut: () => {
        if (this.readers.has(recorder)) this.rotate();
        return recorder.take();
      },
      close,
      [Symbol.dispose]: () => void close(),
    };
  }

  consumers(): { readonly name: string; readonly dropped: number; readonly failed: number }[] {
    return [...this.queues].map(({ name, dropped, failed }) => ({ name, dropped, failed }));
  }

  droppedWindows(): ReadonlyMap<string, number> {
    return this.queues.dropped();
  }

  rotate(): void {
    this.outsideAnyFlow(() => {
      const boundary = this.closeOpenWindow(true);
      if (boundary !== undefined) this.openWindow(boundary);
    });
  }

  /**
   * Registers a reader, which must not be registered yet. It gets the windows that begin from now
   * on.
   */
  addReader(reader: Reader, intervalMicros: number): void {
    this.outsideAnyFlow(() => {
      const { readers } = this;
      // The open window goes to the earlier readers only. The next one has the new interval.
      const others = [...readers.keys()];
      readers.set(reader, intervalMicros);
      const boundary = this.closeOpenWindow(true, undefined, others);
      this.openWindow(boundary);
    });
  }

  /** Ends the registration. Closes the open window at once; the reader gets it as its last one. */
  removeReader(reader: Reader): void {
    if (!this.readers.has(reader)) return;
    this.outsideAnyFlow(() => {
      const all = [...this.readers.keys()];
      this.readers.delete(reader);
      const boundary = this.closeOpenWindow(this.readers.size > 0, undefined, all);
      if (this.readers.size === 0) this.cancelTimer?.();
      else if (boundary !== undefined) this.openWindow(boundary);
    });
  }

  private sampleWorkers(): void {
    const { windowMillis, periodMillis, fairSampling } = this.options;
    const intervals = [...this.queues].map((queue) => this.readers.get(queue) ?? Infinity);
    const samplingIntervalMicros = Math.min(...intervals);
    const plan = { samplingIntervalMicros, windowMillis, periodMillis, fairSampling };
    this.workers.sample(intervals.length === 0 ? undefined : plan, (window) => {
      this.outsideAnyFlow(() => this.queues.offer(window));
    });
  }

  private intervalOf(options: ConsumerOptions): number {
    return (
      resolveReaderOptions(options).samplingIntervalMicros ?? this.options.samplingIntervalMicros
    );
  }

  /** Returns how to sample from now on: at the shortest interval that a reader asked for. */
  private samplerOptions(): SamplerOptions {
    const samplingIntervalMicros = Math.min(...this.readers.values());
    return {
      samplingIntervalMicros,
      bufferMillis: bufferMillis(this.options.windowMillis, samplingIntervalMicros),
      fair: this.options.fairSampling,
    };
  }

  /** @param boundary End of the previous window, if this one must follow it without a gap. */
  private openWindow(boundary?: ClockReading): void {
    this.cancelTimer?.();
    this.recorder.open(this.samplerOptions(), boundary);
    this.cancelTimer = this.parts.clock.after(this.options.windowMillis, () =>
      this.closePlannedWindow(),
    );
  }

  private closePlannedWindow(): void {
    const { windowMillis, periodMillis } = this.options;
    const continuous =
      periodMillis === windowMillis || [...this.readers.keys()].some(({ gapless }) => gapless);
    const boundary = this.closeOpenWindow(continuous, windowMillis);
    if (continuous) this.openWindow(boundary);
    else
      this.cancelTimer = this.parts.clock.after(periodMillis - windowMillis, () =>
        this.openWindow(),
      );
  }

  /** Hands the open window to `readers` and returns its end. Does nothing if no window is open. */
  private closeOpenWindow(
    continueSampling: boolean,
    plannedMillis?: number,
    readers: Iterable<Reader> = [...this.readers.keys()],
  ): ClockReading | undefined {
    const closed = this.recorder.close({
      next: continueSampling ? this.samplerOptions() : undefined,
      plannedMillis,
      workers: this.workers.count,
    });
    if (closed === undefined) return undefined;
    for (const reader of readers) reader.offer(closed.window);
    return closed.boundary;
  }

  /**
   * Runs `fn` outside the caller's asynchronous flow. Timers and callbacks that the collector
   * creates must not carry the labels of a user's flow, and do not belong to a consumer's call.
   */
  private outsideAnyFlow(fn: () => void): void {
    this.parts.labels.runOwned(this, fn);
  }
}
