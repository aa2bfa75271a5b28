import { functionOption, nonEmptyString } from '../base/validate';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { Consumer, ConsumerOptions, WindowCallback } from './Consumer';
import { ConsumerQueue, Turns } from './ConsumerQueue';
import { ConsumerSet } from './ConsumerSet';
import type { ProfileCollector } from './ProfileCollector';
import { type ProfileSpan, ProfileSpanRecorder } from './ProfileSpan';
import { type SampledWorkers, noWorkers } from './SampledWorkers';
import type { RecorderParts } from './WindowRecorder';
import { type Reader, WindowSchedule } from './WindowSchedule';
import {
  type CollectorOptions,
  type ResolvedCollectorOptions,
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

/** The collector of a thread: its consumers, its spans and, on the main thread, its workers. */
export class ThreadCollector implements ProfileCollector {
  readonly options: ResolvedCollectorOptions;
  private readonly queues = new ConsumerSet();
  private readonly turns = new Turns();
  private readonly schedule: WindowSchedule;
  private readonly workers: SampledWorkers;

  constructor(
    private readonly parts: CollectorParts,
    options: CollectorOptions = {},
  ) {
    this.workers = parts.workers ?? noWorkers;
    this.options = resolveCollectorOptions(options);
    this.schedule = new WindowSchedule(parts, this.options, () => this.workers.count);
  }

  get running(): boolean {
    return this.schedule.running;
  }

  get startFailure(): Error | undefined {
    return this.schedule.startFailure;
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
    this.schedule.add(queue, intervalMicros);
    this.queues.add(queue, this.schedule.since ?? 0);
    this.sampleWorkers();
    const remove = (): Promise<void> => {
      this.schedule.remove(queue);
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
    this.schedule.add(recorder, this.intervalOf(options));
    const close = (): ProfileWindow => {
      this.schedule.remove(recorder);
      return recorder.take();
    };
    return {
      cut: () => {
        if (this.schedule.has(recorder)) this.schedule.rotate();
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
    this.schedule.rotate();
  }

  /** Removes all readers. The sampler calls it when it is retired. */
  end(): void {
    this.schedule.end();
    for (const queue of [...this.queues]) this.queues.delete(queue);
    this.sampleWorkers();
  }

  /** Registers a reader of this thread's windows. It must not be registered yet. */
  addReader(reader: Reader, intervalMicros: number): void {
    this.schedule.add(reader, intervalMicros);
  }

  /** Ends the registration. The reader gets the open window at once, as its last one. */
  removeReader(reader: Reader): void {
    this.schedule.remove(reader);
  }

  private sampleWorkers(): void {
    const { windowMillis, periodMillis, fairSampling } = this.options;
    const intervals = [...this.queues].map((queue) => this.schedule.intervalOf(queue) ?? Infinity);
    const samplingIntervalMicros = Math.min(...intervals);
    const plan = { samplingIntervalMicros, windowMillis, periodMillis, fairSampling };
    this.workers.sample(intervals.length === 0 ? undefined : plan, (window) => {
      this.schedule.outsideAnyFlow(() => this.queues.offer(window));
    });
  }

  private intervalOf(options: ConsumerOptions): number {
    return (
      resolveReaderOptions(options).samplingIntervalMicros ?? this.options.samplingIntervalMicros
    );
  }
}
