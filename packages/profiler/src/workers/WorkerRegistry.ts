import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../collector/Clock';
import type { SampledWorkers, SamplingPlan } from '../collector/SampledWorkers';
import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import { freezeWindow } from '../model/freezeWindow';
import { lostWindow } from './lostWindow';
import type { FromWorker } from './messages';

/**
 * Starts accepting workers. Calls `onWorker` with the port to each. Returns a function that stops
 * accepting.
 */
export type AcceptWorkers = (onWorker: (port: MessagePort, threadId: number) => void) => () => void;

/** The main thread's end of the connection to one worker. */
interface Connection {
  readonly port: MessagePort;
  readonly threadId: number;
  /** Whether the worker has an open window. */
  sampling: boolean;
  /** The clocks when the last message arrived. */
  lastMessageAt: ClockReading;
  lastWindow: ProfileWindow | undefined;
}

/**
 * Keeps the main thread's connections to its workers. A connection is open while the main thread
 * has a consumer. It tells the worker how to sample, and brings back its windows. However a worker
 * ends, its end closes the port, which is how the registry notices.
 */
export class WorkerRegistry implements SampledWorkers {
  private readonly connections = new Set<Connection>();
  private plan: SamplingPlan | undefined;
  private deliver: (window: ProfileWindow) => void = () => undefined;
  private stopAccepting: (() => void) | undefined;

  /** @param origin Origin of the main thread's windows. */
  constructor(
    private readonly accept: AcceptWorkers,
    private readonly clock: Clock,
    private readonly origin: WindowOrigin,
  ) {}

  get count(): number {
    let count = 0;
    for (const connection of this.connections) if (connection.sampling) count++;
    return count;
  }

  sample(plan: SamplingPlan | undefined, deliver: (window: ProfileWindow) => void): void {
    this.plan = plan;
    this.deliver = deliver;
    if (plan === undefined) {
      this.stopAccepting?.();
      this.stopAccepting = undefined;
      for (const { port } of this.connections) port.close();
      this.connections.clear();
      return;
    }
    for (const { port } of this.connections) port.postMessage(plan);
    this.stopAccepting ??= this.accept((port, threadId) => this.add(port, threadId));
  }

  private add(port: MessagePort, threadId: number): void {
    if (this.plan === undefined) {
      port.close();
      return;
    }
    const connection = {
      port,
      threadId,
      sampling: false,
      lastMessageAt: this.clock.now(),
      lastWindow: undefined,
    };
    this.connections.add(connection);
    port.on('message', (message: FromWorker) => this.handleMessage(connection, message));
    port.on('close', () => this.handleClose(connection));
    port.unref();
    port.postMessage(this.plan);
  }

  private handleMessage(connection: Connection, message: FromWorker): void {
    // The message may have been in transit when the last consumer left.
    if (!this.connections.has(connection)) return;
    connection.lastMessageAt = this.clock.now();
    connection.sampling = message.kind !== 'ended';
    if (message.kind === 'window')
      this.deliver((connection.lastWindow = freezeWindow(message.window)));
  }

  private handleClose(connection: Connection): void {
    if (!this.connections.delete(connection) || !connection.sampling) return;
    const { threadId, lastWindow, lastMessageAt } = connection;
    const window = lostWindow({
      origin: lastWindow?.origin ?? { ...this.origin, threadId },
      sequence: (lastWindow?.sequence ?? 0) + 1,
      start: lastMessageAt,
      end: this.clock.now(),
      samplingIntervalMicros: this.plan?.samplingIntervalMicros ?? 0,
    });
    this.deliver(window);
  }
}
