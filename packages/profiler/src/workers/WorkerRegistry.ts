import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../collector/Clock';
import type {
  DeliverWindow,
  SampledWorkers,
  SamplingPlan,
  WorkersAnswered,
} from '../collector/SampledWorkers';
import type { ClockReading } from '../model/ClockReading';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import { freezeWindow } from '../model/freezeWindow';
import { lostWindow } from './lostWindow';
import type { FromWorker, ToWorker } from './messages';

/**
 * Starts accepting workers. Calls `onWorker` with the port to each. Returns a function that stops
 * accepting.
 */
export type AcceptWorkers = (onWorker: (port: MessagePort, threadId: number) => void) => () => void;

/** A message that a worker has not followed yet. */
interface Request {
  /** Takes the windows that begin once the worker has followed. `undefined`: none will. */
  readonly deliver: DeliverWindow | undefined;
  /** Fulfills when the worker has followed or has ended. */
  readonly answer: Promise<void>;
  readonly resolve: () => void;
}

/** The main thread's end of the connection to one worker. */
interface Connection {
  readonly port: MessagePort;
  readonly threadId: number;
  /** Takes the windows of the worker. `undefined` while it is not sampled. */
  deliver: DeliverWindow | undefined;
  /** Oldest first. */
  readonly requests: Request[];
  /** The clocks when the last message arrived. */
  lastMessageAt: ClockReading;
  lastWindow: ProfileWindow | undefined;
}

/**
 * Keeps the main thread's connections to its workers. A connection tells the worker how to sample,
 * or not to, and brings back its windows. Messages keep their order, so the windows that arrive
 * before the answer to a message began before it. However a worker ends, its end closes the port,
 * which is how the registry notices.
 */
export class WorkerRegistry implements SampledWorkers {
  private readonly connections = new Set<Connection>();
  private plan: SamplingPlan | undefined;
  private deliver: DeliverWindow | undefined;
  private stopAccepting: (() => void) | undefined;

  /** @param origin Origin of the main thread's windows. */
  constructor(
    private readonly accept: AcceptWorkers,
    private readonly clock: Clock,
    private readonly origin: WindowOrigin,
  ) {}

  get threadIds(): readonly number[] {
    return [...this.connections].flatMap(({ threadId, deliver }) => (deliver ? [threadId] : []));
  }

  sample(plan: SamplingPlan | undefined, deliver: DeliverWindow): WorkersAnswered {
    this.plan = plan;
    this.deliver = plan && deliver;
    const answers = [...this.connections].map((connection) => this.ask(connection));
    if (plan === undefined) {
      this.stopAccepting?.();
      this.stopAccepting = undefined;
    } else {
      this.stopAccepting ??= this.accept((port, threadId) => this.add(port, threadId));
    }
    return answers.length === 0 ? undefined : Promise.all(answers);
  }

  closeWindows(): WorkersAnswered {
    if (this.plan === undefined || this.connections.size === 0) return undefined;
    // A worker that has yet to follow will close its window then. Messages to a blocked worker must
    // not pile up.
    return Promise.all(
      [...this.connections].map(
        (connection) => connection.requests.at(-1)?.answer ?? this.ask(connection),
      ),
    );
  }

  /** Sends the current plan. */
  private ask(connection: Connection): Promise<void> {
    const message: ToWorker = this.plan;
    connection.port.postMessage(message);
    let resolve = (): void => undefined;
    const answer = new Promise<void>((fulfill) => (resolve = fulfill));
    connection.requests.push({ deliver: this.deliver, answer, resolve });
    return answer;
  }

  private add(port: MessagePort, threadId: number): void {
    if (this.plan === undefined) {
      port.close();
      return;
    }
    const connection: Connection = {
      port,
      threadId,
      deliver: undefined,
      requests: [],
      lastMessageAt: this.clock.now(),
      lastWindow: undefined,
    };
    this.connections.add(connection);
    port.on('message', (message: FromWorker) => this.handleMessage(connection, message));
    port.on('close', () => this.handleClose(connection));
    port.unref();
    void this.ask(connection);
  }

  private handleMessage(connection: Connection, message: FromWorker): void {
    connection.lastMessageAt = this.clock.now();
    if (message.kind === 'window') {
      connection.lastWindow = freezeWindow(message.window);
      connection.deliver?.(connection.lastWindow);
    } else {
      const request = connection.requests.shift();
      connection.deliver = message.kind === 'followed' ? request?.deliver : undefined;
      request?.resolve();
    }
  }

  private handleClose(connection: Connection): void {
    this.connections.delete(connection);
    const { deliver, requests, threadId, lastWindow, lastMessageAt } = connection;
    for (const { resolve } of requests) resolve();
    if (deliver === undefined) return;
    const window = lostWindow({
      origin: lastWindow?.origin ?? { ...this.origin, threadId },
      sequence: (lastWindow?.sequence ?? 0) + 1,
      start: lastMessageAt,
      end: this.clock.now(),
      samplingIntervalMicros: this.plan?.samplingIntervalMicros ?? 0,
    });
    deliver(window);
  }
}
