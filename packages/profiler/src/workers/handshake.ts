import { BroadcastChannel, MessageChannel, type MessagePort } from 'node:worker_threads';
import * as threads from 'node:worker_threads';
import { PROTOCOL } from './messages';
import type { AcceptWorkers } from './WorkerRegistry';

/**
 * How threads that do not know each other get a port between them. Over a broadcast channel of our own name the main thread
 * invites, when it begins to listen and whenever a worker says hello; so neither has to be first. A worker that is
 * invited hands over a port by `postMessageToThread`: a broadcast cannot carry one, and what came over the worker's own
 * `parentPort` would be seen by the user's listeners.
 */
const HELLO = 'hello';
const INVITE = 'invite';

/** Since Node.js 20.19 and 22.5. */
const { postMessageToThread } = threads as Partial<typeof threads>;

/** Whether this Node.js has what the doors are made of. */
export const handshakeSupported = typeof postMessageToThread === 'function';

type Knock = Readonly<Record<typeof PROTOCOL, MessagePort>>;

/** The main thread's side. */
export const acceptWorkers: AcceptWorkers = (onWorker) => {
  if (!handshakeSupported) return () => undefined;
  const channel = quietChannel((message) => {
    if (message === HELLO) channel.postMessage(INVITE);
  });
  const onKnock = (value: unknown, threadId: number): void => {
    if (isKnock(value)) onWorker(value[PROTOCOL], threadId);
  };
  process.on('workerMessage', onKnock);
  channel.postMessage(INVITE);
  return () => {
    process.removeListener('workerMessage', onKnock);
    channel.close();
  };
};

/**
 * A worker's side. `onInvited` is called whenever the main thread has something to say to those who have no line to it.
 *
 * @returns how to listen no longer.
 */
export function onMainThreadReady(onInvited: () => void): () => void {
  const channel = quietChannel((message) => {
    if (message === INVITE) onInvited();
  });
  channel.postMessage(HELLO);
  return () => channel.close();
}

/** Hands the main thread one end of a line, and returns the other. It closes when nobody is there any more to take it. */
export function connectToMainThread(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const message: Knock = { [PROTOCOL]: port2 };
  postMessageToThread?.(0, message, [port2]).catch(() => port1.close());
  return port1;
}

/** A channel that keeps no thread alive. */
function quietChannel(onMessage: (message: unknown) => void): BroadcastChannel {
  const channel = new BroadcastChannel(PROTOCOL);
  channel.onmessage = (event: unknown) => onMessage((event as { data: unknown }).data);
  channel.unref();
  return channel;
}

function isKnock(value: unknown): value is Knock {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, PROTOCOL);
}
