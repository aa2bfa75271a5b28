import type { MessagePort } from 'node:worker_threads';
import { toError } from '../base/errors';
import type { SamplingPlan } from '../collector/SampledWorkers';
import type { ThreadCollector } from '../collector/ThreadCollector';
import type { Reader } from '../collector/WindowSchedule';
import type { ProfileWindow } from '../model/ProfileWindow';
import { type FromWorker, type ToWorker, unsendable } from './messages';

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

  /** @param onClosed Called once, when either end has closed the connection. */
  constructor(
    private readonly port: MessagePort,
    private readonly collectorFor: CollectorFor,
    onClosed: () => void,
  ) {
    port.on('message', (plan: ToWorker) => this.follow(plan));
    port.on('close', () => {
      this.open = false;
      this.stop();
      onClosed();
    });
    port.unref();
  }

  /** Whether the main thread has answered with a sampling plan. */
  get answered(): boolean {
    return this.collector !== undefined;
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

  private follow(plan: ToWorker): void {
    if (!this.open) return;
    if (plan === undefined) this.stop();
    else this.sample(plan);
    this.send({ kind: 'followed' });
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
