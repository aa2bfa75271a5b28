import type { MessagePort } from 'node:worker_threads';
import type { SamplingPlan } from '../collector/OtherThreads';
import type { ThreadCollector, Reader } from '../collector/ThreadCollector';
import { toError } from '../base/errors';
import type { ProfileWindow } from '../model/ProfileWindow';
import { type FromWorker, withoutSamples } from './messages';

/** The collector of the thread, made for `plan` if there is none. */
export type CollectorFor = (plan: SamplingPlan) => ThreadCollector;

/**
 * A worker's end of its line to the main thread: samples as it is told to there, and sends every window as soon as it is
 * closed.
 */
export class WorkerConnection implements Reader {
  private collector: ThreadCollector | undefined;
  private intervalMicros: number | undefined;
  private open = true;

  /** @param onClosed Called once, when the line was closed from either end. */
  constructor(
    private readonly port: MessagePort,
    private readonly collectorFor: CollectorFor,
    onClosed: () => void,
  ) {
    port.on('message', (plan: SamplingPlan) => this.follow(plan));
    port.on('close', () => {
      this.open = false;
      this.rest();
      onClosed();
    });
    port.unref();
  }

  /** Whether the main thread has answered. */
  get answered(): boolean {
    return this.collector !== undefined;
  }

  /** Sends what was recorded last, and closes the line. */
  close(): void {
    this.rest();
    this.send({ kind: 'ended' });
    this.open = false;
    this.port.close();
  }

  offer(window: ProfileWindow): void {
    try {
      this.send({ kind: 'window', window });
    } catch (thrown) {
      // A value that somebody put among the labels cannot be cloned.
      const error = toError(thrown);
      this.send({ kind: 'window', window: withoutSamples(window, error) });
    }
  }

  private follow(plan: SamplingPlan): void {
    if (!this.open) return;
    const { samplingIntervalMicros } = plan;
    if (this.collector === undefined) this.send({ kind: 'started' });
    this.collector ??= this.collectorFor(plan);
    if (this.intervalMicros === samplingIntervalMicros) {
      this.collector.rotate();
      return;
    }
    this.rest();
    this.intervalMicros = samplingIntervalMicros;
    this.collector.addReader(this, samplingIntervalMicros);
  }

  private rest(): void {
    this.collector?.removeReader(this);
    this.intervalMicros = undefined;
  }

  private send(message: FromWorker): void {
    if (this.open) this.port.postMessage(message);
  }
}
