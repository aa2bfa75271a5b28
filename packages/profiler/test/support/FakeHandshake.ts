import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SamplingPlan } from '../../src/collector/OtherThreads';
import type { FromWorker } from '../../src/workers/messages';
import type { AcceptWorkers } from '../../src/workers/WorkerRegistry';

/** A door at which the test knocks, with workers that say what the test lets them. */
export class FakeHandshake {
  opened = 0;
  closed = 0;
  private onWorker: Parameters<AcceptWorkers>[0] | undefined;

  readonly accept: AcceptWorkers = (onWorker) => {
    this.opened++;
    this.onWorker = onWorker;
    return () => {
      this.closed++;
      this.onWorker = undefined;
    };
  };

  connect(threadId: number): FakeWorker {
    const { port1, port2 } = new MessageChannel();
    this.onWorker?.(port2, threadId);
    return new FakeWorker(port1);
  }
}

/** The far end of a line. */
class FakeWorker {
  readonly plans: SamplingPlan[] = [];
  closed = false;

  constructor(private readonly port: MessagePort) {
    port.on('message', (plan: SamplingPlan) => this.plans.push(plan));
    port.on('close', () => (this.closed = true));
    port.unref();
  }

  say(...messages: FromWorker[]): void {
    for (const message of messages) this.port.postMessage(message);
  }

  /** As the end of its thread does. */
  end(): void {
    this.port.close();
  }
}
