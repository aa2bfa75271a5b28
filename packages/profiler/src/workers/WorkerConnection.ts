import type { MessagePort } from 'node:worker_threads';
import { toError } from '../base/errors';
import type { SamplingPlan } from '../collector/SampledWorkers';
import type { ThreadCollector } from '../collector/ThreadCollector';
import type { Reader } from '../collector/WindowSchedule';
import type { ProfileWindow } from '../model/ProfileWindow';
import { type FromWorker, type RecordMessage, type ToWorker, unsendable } from './messages';

/** Returns the collector of the thread. Creates it for `plan` if there is none. */
export type CollectorFor = (plan: SamplingPlan) => ThreadCollector;

/**
 * The worker's end of its connection to the main thread. It samples as the main thread says, and
 * sends each window as soon as it is closed. The port comes from `connectToMainThread`.
 */
export class WorkerConnection implements Reader {
  private collector: ThreadCollector | undefined;
  private intervalMicros: number | undefined;
  private open = true;
  /** Whether the main thread has answered. */
  answered = false;

  /**
   * @param record Records a profile for the main thread. Must not throw.
   * @param onClosed Called once, when either end has closed the connection.
   */
  constructor(
    private readonly port: MessagePort,
    private readonly collectorFor: CollectorFor,
    private readonly record: (message: RecordMessage) => void,
    onClosed: () => void,
  ) {
    port.on('message', (message: ToWorker) => this.follow(message));
    port.on('close', () => {
      this.open = false;
      this.stop();
      onClosed();
    });
    port.unref();
  }

  /** Sends the last window and closes the connection. */
  close(): void {
    this.stop();
    this.send({ kind: 'ended' });
    this.open = false;
    this.port.close();
  }

  offer(window: ProfileWindow): void {
    try {
      this.send({ kind: 'window', window });
    } catch (thrown) {
      // A label value cannot be cloned, for example a function. Only the samples are lost.
      const error = toError(thrown);
      this.send({ kind: 'window', window: unsendable(window, error) });
    }
  }

  private follow(message: ToWorker): void {
    if (!this.open) return;
    this.answered = true;
    switch (message.kind) {
      case 'record':
        return this.record(message);
      case 'sample':
        if (message.plan === undefined) this.stop();
        else this.sample(message.plan);
        this.send({ kind: 'followed' });
    }
  }

  private sample(plan: SamplingPlan): void {
    const { samplingIntervalMicros } = plan;
    this.collector ??= this.collectorFor(plan);
    if (this.intervalMicros === samplingIntervalMicros) {
      this.collector.rotate();
      return;
    }
    this.stop();
    this.intervalMicros = samplingIntervalMicros;
    this.collector.addReader(this, samplingIntervalMicros);
  }

  private stop(): void {
    this.collector?.removeReader(this);
    this.intervalMicros = undefined;
  }

  private send(message: FromWorker): void {
    if (this.open) this.port.postMessage(message);
  }
}
