import { InvalidOptionError, toError } from '../errors';
import type { SwitchableLabels } from '../labels/SwitchableLabels';
import type { Recording, Sampler } from '../sampler/Sampler';
import { nonEmptyString } from '../validate';
import { type Border, closeWindow } from '../window/closeWindow';
import type { Clock } from './Clock';
import type { Consumer, WindowCallback } from './Consumer';
import { ConsumerQueue } from './ConsumerQueue';
import {
  type CollectorOptions,
  type ResolvedCollectorOptions,
  resolveCollectorOptions,
} from './options';

/** What a collector works with. */
export interface CollectorParts {
  readonly sampler: Sampler;
  readonly labels: SwitchableLabels;
  readonly clock: Clock;
}

/**
 * Owns the sampler of its thread, cuts its recording into windows and hands every window to every consumer. The first
 * consumer starts the sampling, the last to leave stops it.
 */
export class ProfileCollector {
  readonly options: ResolvedCollectorOptions;
  private readonly queues = new Set<ConsumerQueue>();
  private windowStart: Border | undefined;
  private sequence = 0;
  private cancelTimer: (() => void) | undefined;
  /** Why the sampler is not running although a window is open. */
  private startError: Error | undefined;

  constructor(
    private readonly parts: CollectorParts,
    options: CollectorOptions = {},
  ) {
    this.options = resolveCollectorOptions(options);
  }

  /** Whether a window is open. */
  get running(): boolean {
    return this.windowStart !== undefined;
  }

  /**
   * Registers a consumer. It gets the windows that begin from now on: the one under way is closed at once.
   *
   * @param name Says in logs and metrics whose windows are dropped or fail; need not be unique.
   * @throws InvalidOptionError on an empty name or a callback that is none.
   */
  addConsumer(name: string, callback: WindowCallback): Consumer {
    nonEmptyString('name', name);
    if (typeof callback !== 'function') {
      throw new InvalidOptionError('callback', callback, 'a function');
    }
    const { logger } = this.options;
    const queue = new ConsumerQueue(name, callback, logger, this.parts.labels);
    this.outsideAnyFlow(() => {
      const border = this.closeOpenWindow(this.parts.sampler.running);
      this.queues.add(queue);
      this.openWindow(border);
    });
    return {
      name,
      get dropped() {
        return queue.dropped;
      },
      get failed() {
        return queue.failed;
      },
      remove: () => this.removeConsumer(queue),
    };
  }

  /** Names of the consumers and the windows each has missed. */
  consumers(): { readonly name: string; readonly dropped: number; readonly failed: number }[] {
    return [...this.queues].map(({ name, dropped, failed }) => ({ name, dropped, failed }));
  }

  /** Closes the window under way, if there is one, and opens the next. */
  rotate(): void {
    this.outsideAnyFlow(() => {
      const border = this.closeOpenWindow(this.parts.sampler.running);
      if (border !== undefined) this.openWindow(border);
    });
  }

  private async removeConsumer(queue: ConsumerQueue): Promise<void> {
    if (this.queues.has(queue)) {
      this.outsideAnyFlow(() => {
        const last = this.queues.size === 1;
        const border = this.closeOpenWindow(!last && this.parts.sampler.running);
        this.queues.delete(queue);
        if (last) this.cancelTimer?.();
        else if (border !== undefined) this.openWindow(border);
      });
    }
    await queue.drained();
  }

  /** @param border Where the window before it ended, when nothing lies between the two. */
  private openWindow(border?: Border): void {
    this.cancelTimer?.();
    const { sampler, labels, clock } = this.parts;
    const { samplingIntervalMicros, windowMillis } = this.options;
    this.startError = undefined;
    if (!sampler.running) {
      try {
        sampler.start({ samplingIntervalMicros, bufferMillis: bufferMillis(windowMillis) });
        labels.samplingStarted();
      } catch (thrown) {
        if (sampler.running) this.record(false);
        this.startError = toError(thrown);
        this.options.logger.error('rulescope: sampling does not start', this.startError);
      }
    }
    this.windowStart = border ?? clock.now();
    this.cancelTimer = clock.after(windowMillis, () => this.windowIsOver());
  }

  private windowIsOver(): void {
    const { windowMillis, periodMillis } = this.options;
    const continuous = periodMillis === windowMillis;
    const border = this.closeOpenWindow(continuous && this.parts.sampler.running, windowMillis);
    if (continuous) this.openWindow(border);
    else
      this.cancelTimer = this.parts.clock.after(periodMillis - windowMillis, () =>
        this.openWindow(),
      );
  }

  /** Publishes the open window and returns its end; does nothing when none is open. */
  private closeOpenWindow(goOn: boolean, plannedMillis?: number): Border | undefined {
    const { clock } = this.parts;
    const start = this.windowStart;
    if (start === undefined) return undefined;
    this.windowStart = undefined;
    const before = clock.now();
    const outcome = this.startError ?? this.record(goOn);
    const end = clock.now();
    const window = closeWindow({
      sequence: ++this.sequence,
      start,
      end,
      plannedMillis,
      samplingIntervalMicros: this.options.samplingIntervalMicros,
      pauseSeconds: (end.monotonicMillis - before.monotonicMillis) / 1000,
      outcome,
    });
    for (const queue of this.queues) queue.offer(window);
    return end;
  }

  private record(goOn: boolean): Recording | Error {
    const { sampler, labels } = this.parts;
    try {
      return goOn ? sampler.rotate() : sampler.stop();
    } catch (thrown) {
      const error = toError(thrown);
      this.options.logger.error('rulescope: a window could not be closed', error);
      return error;
    } finally {
      // A sampler that failed is stopped, whatever was asked of it.
      if (sampler.running) labels.recordingClosed();
      else labels.samplingStopped();
    }
  }

  /** What we do in a user's flow (timers, callbacks) must not carry that flow's labels. */
  private outsideAnyFlow(fn: () => void): void {
    this.parts.labels.run(this.parts.labels.createCarrier(undefined), fn);
  }
}

/** A stalled event loop closes its window late: room for several windows, at least half a minute. */
function bufferMillis(windowMillis: number): number {
  return Math.max(30_000, windowMillis * 4);
}
