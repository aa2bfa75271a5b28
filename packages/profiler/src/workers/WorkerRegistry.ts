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
import type { AcceptWorkers } from './connect';
import { lostWindow } from './lostWindow';
import type { FromWorker, RecordMessage, ToWorker } from './messages';

/** A worker thread that can be sampled. */
export interface WorkerThread {
  readonly threadId: number;
  /** Its name, if its creator gave it one and Node.js tells, or else the name of its file. */
  readonly name: string;
}

/** A message that a worker has not followed yet. */
interface Request {
  /** Takes the windows that begin once the worker has followed. `undefined`: none will. */
  readonly deliver: DeliverWindow | undefined;
  /** Fulfills when the worker has followed or has ended. */
  readonly answer: Promise<void>;
  readonly resolve: () => void;
}

/** The main thread's end of the connection to one worker. */
interface Connection extends WorkerThread {
  readonly port: MessagePort;
  /** The worker may replace a connection by another one until this is true. */
  answered: boolean;
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
 * or not to, and brings back its windows. It also passes on requests for recordings. Messages keep
 * their order, so the windows that arrive before the answer to a message began before it. However a
 * worker ends, its end closes the port, which is how the registry notices.
 */
export class WorkerRegistry implements SampledWorkers {
  private readonly connections = new Set<Connection>();
  private plan: SamplingPlan | undefined;
  private deliver: DeliverWindow | undefined;
  private stopAccepting: (() => void) | undefined;
  /** Those that want connections, sampled or not. */
  private readonly holders = new Set<object>();
  /** Called when a worker has answered for the first time. */
  private readonly listeners = new Set<() => void>();

  /** @param origin Origin of the main thread's windows. */
  constructor(
    private readonly accept: AcceptWorkers,
    private readonly clock: Clock,
    private readonly origin: WindowOrigin,
  ) {}

  get threadIds(): readonly number[] {
    return [...this.connections].flatMap(({ threadId, deliver }) => (deliver ? [threadId] : []));
  }

  /** The connected workers, sampled or not. */
  get workers(): readonly WorkerThread[] {
    return this.lasting().map(({ threadId, name }) => ({ threadId, name }));
  }

  /** Accepts workers although none is sampled. Returns a function that ends this. */
  hold(): () => void {
    const holder = {};
    this.holders.add(holder);
    this.acceptIfWanted();
    return () => {
      this.holders.delete(holder);
      this.acceptIfWanted();
    };
  }

  /**
   * Calls `listener` when a worker is added to {@link workers}. Returns a function that ends this.
   */
  onConnected(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Asks a worker to record a profile. Closes the port of the message if the worker has ended. */
  record(threadId: number, message: RecordMessage): void {
    const connection = this.lasting().find((each) => each.threadId === threadId);
    if (connection === undefined) message.port.close();
    else connection.port.postMessage(message, [message.port]);
  }

  sample(plan: SamplingPlan | undefined, deliver: DeliverWindow): WorkersAnswered {
    this.plan = plan;
    this.deliver = plan && deliver;
    const answers = [...this.connections].map((connection) => this.ask(connection));
    this.acceptIfWanted();
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

  private lasting(): Connection[] {
    return [...this.connections].filter(({ answered }) => answered);
  }

  private acceptIfWanted(): void {
    if (this.plan === undefined && this.holders.size === 0) {
      this.stopAccepting?.();
      this.stopAccepting = undefined;
    } else {
      this.stopAccepting ??= this.accept((...worker) => this.add(...worker));
    }
  }

  /** Sends the current plan. */
  private ask(connection: Connection): Promise<void> {
    const message: ToWorker = { kind: 'sample', plan: this.plan };
    connection.port.postMessage(message);
    let resolve = (): void => undefined;
    const answer = new Promise<void>((fulfill) => (resolve = fulfill));
    connection.requests.push({ deliver: this.deliver, answer, resolve });
    return answer;
  }

  private add(port: MessagePort, threadId: number, name: string): void {
    if (this.stopAccepting === undefined) {
      port.close();
      return;
    }
    const connection: Connection = {
      port,
      threadId,
      name,
      answered: false,
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
      if (connection.answered || message.kind !== 'followed') return;
      connection.answered = true;
      for (const listener of this.listeners) listener();
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
