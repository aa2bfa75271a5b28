import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SamplingPlan } from '../../src/collector/SampledWorkers';
import type { AcceptWorkers } from '../../src/workers/connect';
import type { FromWorker, RecordMessage, ToWorker } from '../../src/workers/messages';

/** A handshake with fake workers, which send what the test tells them to. */
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

  connect(threadId: number, name = 'worker.js'): FakeWorker {
    const { port1, port2 } = new MessageChannel();
    this.onWorker?.(port2, threadId, name);
    return new FakeWorker(port1);
  }
}

/** The worker's end of a connection. */
class FakeWorker {
  readonly plans: (SamplingPlan | undefined)[] = [];
  readonly requests: RecordMessage[] = [];
  closed = false;

  constructor(private readonly port: MessagePort) {
    port.on('message', (message: ToWorker) => {
      if (message.kind === 'record') this.requests.push(message);
      else this.plans.push(message.plan);
    });
    port.on('close', () => (this.closed = true));
    port.unref();
  }

  send(...messages: FromWorker[]): void {
    for (const message of messages) this.port.postMessage(message);
  }

  /** Closes the port, as the end of the thread does. */
  end(): void {
    this.port.close();
  }
}
