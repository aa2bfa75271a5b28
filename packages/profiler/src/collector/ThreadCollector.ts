import type { SamplerOptions } from '../sampler/Sampler';
import type { ClockReading } from '../model/ClockReading';
import { InvalidOptionError } from '../base/errors';
import { nonEmptyString } from '../base/validate';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { ProfileCollector } from './ProfileCollector';
import type { Consumer, ConsumerOptions, WindowCallback } from './Consumer';
import { ConsumerQueue, Turns } from './ConsumerQueue';
import { type OtherThreads, noOtherThreads } from './OtherThreads';
import { type ProfileSpan, ProfileSpanRecorder } from './ProfileSpan';
import { type RecorderParts, WindowRecorder } from './WindowRecorder';
import {
  type CollectorOptions,
  type ResolvedCollectorOptions,
  bufferMillis,
  resolveCollectorOptions,
  resolveReaderOptions,
} from './options';

/** A consumer can be so many windows behind. */
const PERIODS_KEPT = 4;

/** What a collector works with. */
export interface CollectorParts extends RecorderParts {
  /** Default: none. */
  readonly otherThreads?: OtherThreads;
}

/** Somebody who gets windows. */
export interface Reader {
  /** While it reads, sampling does not rest between windows. */
  readonly gapless?: boolean;
  /** Takes a window. Must not throw, and not wait. */
  offer(window: ProfileWindow): void;
}

/**
 * Owns the sampler of its thread. The first reader starts the sampling, the last to leave stops it.
 * Consumers get windows one by one, spans get theirs merged.
 */
export class ThreadCollector implements ProfileCollector {
  readonly options: ResolvedCollectorOptions;
  /** The consumers, with the first instant each wants to hear of, milliseconds since the epoch. */
  private readonly queues = new Map<ConsumerQueue, number>();
  private readonly turns = new Turns();
  /** All who get windows, with the sampling interval that each asked for, microseconds. */
  private readonly readers = new Map<Reader, number>();
  private readonly recorder: WindowRecorder;
  private cancelTimer: (() => void) | undefined;
  private readonly otherThreads: OtherThreads;

  constructor(
    private readonly parts: CollectorParts,
    options: CollectorOptions = {},
  ) {
    this.otherThreads = parts.otherThreads ?? noOtherThreads;
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
    if (typeof callback !== 'function') {
      throw new InvalidOptionError('callback', callback, 'a function');
    }
    const intervalMicros = this.intervalWantedBy(options);
    const { logger, periodMillis } = this.options;
    const queue = new ConsumerQueue(
      name,
      callback,
      logger,
      this.parts.labels,
      this.turns,
      PERIODS_KEPT * periodMillis,
    );
    this.addReader(queue, intervalMicros);
    this.queues.set(queue, this.recorder.since ?? 0);
    this.followOtherThreads();
    return {
      name,
      get dropped() {
        return queue.dropped;
      },
      get failed() {
        return queue.failed;
      },
      remove: () => {
        this.removeReader(queue);
        if (this.queues.delete(queue)) this.followOtherThreads();
        return queue.drained();
      },
    };
  }

  openSpan(options: ConsumerOptions = {}): ProfileSpan {
    const recorder = new ProfileSpanRecorder();
    this.addReader(recorder, this.intervalWantedBy(options));
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
    return [...this.queues.keys()].map(({ name, dropped, failed }) => ({ name, dropped, failed }));
  }

  rotate(): void {
    this.outsideAnyFlow(() => {
      const border = this.closeOpenWindow(true);
      if (border !== undefined) this.openWindow(border);
    });
  }

  /** Registers a reader that gets its windows at once. It must not be registered yet. */
  addReader(reader: Reader, intervalMicros: number): void {
    this.outsideAnyFlow(() => {
      const { readers } = this;
      // The window under way is not the new one's, but goes on at the interval that it wants.
      const others = [...readers.keys()];
      readers.set(reader, intervalMicros);
      const border = this.closeOpenWindow(true, undefined, others);
      this.openWindow(border);
    });
  }

  /** Ends the registration. The open window is closed at once and is the last one that it gets. */
  removeReader(reader: Reader): void {
    if (!this.readers.has(reader)) return;
    this.outsideAnyFlow(() => {
      const all = [...this.readers.keys()];
      this.readers.delete(reader);
      const border = this.closeOpenWindow(this.readers.size > 0, undefined, all);
      if (this.readers.size === 0) this.cancelTimer?.();
      else if (border !== undefined) this.openWindow(border);
    });
  }

  private followOtherThreads(): void {
    const { windowMillis, periodMillis, fairSampling } = this.options;
    const intervals = [...this.queues.keys()].map((queue) => this.readers.get(queue) ?? Infinity);
    const samplingIntervalMicros = Math.min(...intervals);
    const plan = { samplingIntervalMicros, windowMillis, periodMillis, fairSampling };
    this.otherThreads.follow(intervals.length === 0 ? undefined : plan, (window) => {
      this.outsideAnyFlow(() => {
        for (const [queue, since] of this.queues) {
          // What began before belongs to the others. A window that was lost began nobody knows when.
          if (window.startTime >= since || window.error !== undefined) queue.offer(window);
        }
      });
    });
  }

  private intervalWantedBy(options: ConsumerOptions): number {
    return (
      resolveReaderOptions(options).samplingIntervalMicros ?? this.options.samplingIntervalMicros
    );
  }

  /** How to sample from now on. */
  private samplerOptions(): SamplerOptions {
    const samplingIntervalMicros = Math.min(...this.readers.values());
    return {
      samplingIntervalMicros,
      bufferMillis: bufferMillis(this.options.windowMillis, samplingIntervalMicros),
      fair: this.options.fairSampling,
    };
  }

  /** @param border Where the window before it ended, when nothing lies between the two. */
  private openWindow(border?: ClockReading): void {
    this.cancelTimer?.();
    this.recorder.open(this.samplerOptions(), border);
    this.cancelTimer = this.parts.clock.after(this.options.windowMillis, () => this.windowIsOver());
  }

  private windowIsOver(): void {
    const { windowMillis, periodMillis } = this.options;
    const continuous =
      periodMillis === windowMillis || [...this.readers.keys()].some(({ gapless }) => gapless);
    const border = this.closeOpenWindow(continuous, windowMillis);
    if (continuous) this.openWindow(border);
    else
      this.cancelTimer = this.parts.clock.after(periodMillis - windowMillis, () =>
        this.openWindow(),
      );
  }

  /** Hands the open window to `readers` and returns its end; does nothing when none is open. */
  private closeOpenWindow(
    goOn: boolean,
    plannedMillis?: number,
    readers: Iterable<Reader> = [...this.readers.keys()],
  ): ClockReading | undefined {
    const closed = this.recorder.close({
      next: goOn ? this.samplerOptions() : undefined,
      plannedMillis,
      workers: this.otherThreads.count,
    });
    if (closed === undefined) return undefined;
    for (const reader of readers) reader.offer(closed.window);
    return closed.border;
  }

  /** What we do in a user's flow (timers, callbacks) must not carry that flow's labels, and is none of a consumer's. */
  private outsideAnyFlow(fn: () => void): void {
    this.parts.labels.runOwned(this, fn);
  }
}
