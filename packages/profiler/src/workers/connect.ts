import * as threads from 'node:worker_threads';
import { BroadcastChannel, MessageChannel, type MessagePort } from 'node:worker_threads';
import { PROTOCOL } from './messages';

/**
 * The handshake by which a worker and the main thread get a port to each other. It works regardless
 * of start order.
 *
 * Both sides listen on a broadcast channel with a name of our own. The main thread announces that
 * it is ready when it starts to listen, and again whenever a worker announces itself. A worker that
 * hears this sends a port by `postMessageToThread`. A broadcast cannot carry a port, and the user's
 * listeners would see a message on the worker's `parentPort`.
 */
const WORKER_READY = 'hello';
const MAIN_THREAD_READY = 'invite';

/** Exists from Node.js 20.19 and 22.5 on. */
const { postMessageToThread } = threads as Partial<typeof threads>;

/** Whether this Node.js has the functions that the handshake needs. */
export const handshakeSupported = typeof postMessageToThread === 'function';

interface ConnectMessage {
  readonly [PROTOCOL]: MessagePort;
  /** Tells the worker from others: its file or its name. */
  readonly name: string;
}

/**
 * Starts accepting workers. Calls `onWorker` with the port to each. Returns a function that stops
 * accepting.
 */
export type AcceptWorkers = (
  onWorker: (port: MessagePort, threadId: number, name: string) => void,
) => () => void;

/** Accepts workers on the main thread, see {@link AcceptWorkers}. */
export const acceptWorkers: AcceptWorkers = (onWorker) => {
  if (!handshakeSupported) return () => undefined;
  const channel = openChannel((message) => {
    if (message === WORKER_READY) channel.postMessage(MAIN_THREAD_READY);
  });
  const onWorkerMessage = (value: unknown, threadId: number): void => {
    if (isConnectMessage(value)) onWorker(value[PROTOCOL], threadId, value.name);
  };
  process.on('workerMessage', onWorkerMessage);
  channel.postMessage(MAIN_THREAD_READY);
  return () => {
    process.removeListener('workerMessage', onWorkerMessage);
    channel.close();
  };
};

/**
 * Announces this worker to the main thread. Calls `onReady` each time that the main thread
 * announces that it accepts connections.
 *
 * @returns A function that stops listening.
 */
export function onMainThreadReady(onReady: () => void): () => void {
  const channel = openChannel((message) => {
    if (message === MAIN_THREAD_READY) onReady();
  });
  channel.postMessage(WORKER_READY);
  return () => channel.close();
}

/**
 * Sends the main thread one end of a new connection and returns the other. The returned port closes
 * if no thread is there to receive it.
 *
 * @param name Tells this worker from others.
 */
export function connectToMainThread(name: string): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const message: ConnectMessage = { [PROTOCOL]: port2, name };
  postMessageToThread?.(0, message, [port2]).catch(() => port1.close());
  return port1;
}

/** Opens the broadcast channel. It keeps no thread alive. */
function openChannel(onMessage: (message: unknown) => void): BroadcastChannel {
  const channel = new BroadcastChannel(PROTOCOL);
  channel.onmessage = (event: unknown) => onMessage((event as { data: unknown }).data);
  channel.unref();
  return channel;
}

function isConnectMessage(value: unknown): value is ConnectMessage {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, PROTOCOL);
}
