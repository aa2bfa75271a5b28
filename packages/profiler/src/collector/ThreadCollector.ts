import { atMost } from '../base/atMost';
import { toError } from '../base/errors';
import { functionOption, integerInRange, nonEmptyString } from '../base/validate';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { Consumer, ConsumerOptions, WindowCallback } from './Consumer';
import { ConsumerQueue, Turns } from './ConsumerQueue';
import { ConsumerSet } from './ConsumerSet';
import type { ProfileCollector, WindowStream } from './ProfileCollector';
import { type ProfileSpan, ProfileSpanRecorder } from './ProfileSpan';
import { type SampledWorkers, type WorkersAnswered, noWorkers } from './SampledWorkers';
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
/** Longest wait for workers and, in a flush, for consumers. */
const FLUSH_MILLIS = 1_000;

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
    this.schedule = new WindowSchedule(parts, this.options, () => this.workers.threadIds);
  }

  get running(): boolean {
    return this.schedule.running;
  }

  get windowAgeMillis(): number | undefined {
    return this.schedule.ageMillis;
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
    this.queues.add(queue);
    void this.sampleWorkers();
    let lastWindows: WorkersAnswered;
    const remove = (): Promise<void> => {
      this.schedule.remove(queue);
      if (this.queues.delete(queue)) {
        const answered = this.sampleWorkers();
        lastWindows = answered && atMost(FLUSH_MILLIS, answered).then(() => queue.end());
      }
      return queue.drained(lastWindows);
    };
    return {
      name,
      get dropped() {
        return queue.dropped;
      },
      get failed() {
        return queue.failed;
      },
      forceFlush: (timeoutMillis) =>
        this.queues.has(queue) ? this.flush([queue], timeoutMillis) : remove(),
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

  openStream(
    callback: (window: ProfileWindow) => void,
    options: ConsumerOptions = {},
  ): WindowStream {
    functionOption('callback', callback);
    const offer = (window: ProfileWindow): void => {
      try {
        callback(window);
      } catch (thrown) {
        this.options.logger.error('rulescope: the reader of a stream failed', toError(thrown));
      }
    };
    const reader = { gapless: true, offer };
    this.schedule.add(reader, this.intervalOf(options));
    const close = (): void => this.schedule.remove(reader);
    return { close, [Symbol.dispose]: close };
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

  forceFlush(timeoutMillis?: number): Promise<void> {
    return this.flush([...this.queues], timeoutMillis);
  }

  /** Removes all readers. The sampler calls it when it is retired. */
  end(): void {
    this.schedule.end();
    for (const queue of [...this.queues]) this.queues.delete(queue);
    void this.sampleWorkers();
  }

  /** Registers a reader of this thread's windows. It must not be registered yet. */
  addReader(reader: Reader, intervalMicros: number): void {
    this.schedule.add(reader, intervalMicros);
  }

  /** Ends the registration. The reader gets the open window at once, as its last one. */
  removeReader(reader: Reader): void {
    this.schedule.remove(reader);
  }

  private flush(queues: ConsumerQueue[], timeoutMillis = FLUSH_MILLIS): Promise<void> {
    integerInRange('timeoutMillis', timeoutMillis, 0, 600_000);
    this.rotate();
    const answered = this.workers.closeWindows();
    return atMost(timeoutMillis, Promise.all(queues.map((queue) => queue.drained(answered))));
  }

  /** Samples the workers for the consumers that are there now. */
  private sampleWorkers(): WorkersAnswered {
    const { windowMillis, periodMillis, fairSampling } = this.options;
    const queues = [...this.queues];
    const intervals = queues.map((queue) => this.schedule.intervalOf(queue) ?? Infinity);
    const samplingIntervalMicros = Math.min(...intervals);
    const plan = { samplingIntervalMicros, windowMillis, periodMillis, fairSampling };
    return this.workers.sample(queues.length === 0 ? undefined : plan, (window) => {
      this.schedule.outsideAnyFlow(() => {
        for (const queue of queues) queue.offer(window);
      });
    });
  }

  private intervalOf(options: ConsumerOptions): number {
    return (
      resolveReaderOptions(options).samplingIntervalMicros ?? this.options.samplingIntervalMicros
    );
  }
}
