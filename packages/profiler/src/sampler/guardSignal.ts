import type { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { onlyHere } from '../slot/realms';

const SIGPROF = 'SIGPROF';
const emitter: EventEmitter = process;

/**
 * A listener that does nothing. It is a function of Node.js, so that all copies of this package
 * share one listener.
 */
const ignore = types.isDate;

/**
 * Guards V8's handler of SIGPROF against listeners of the signal that the application adds.
 *
 * Node.js installs a signal handler of its own for the first listener, and V8 gets no signals until
 * its handler is installed again. This also keeps the handler, as {@link keepSignalHandled} does.
 *
 * @param onReplaced Called when Node.js has installed its handler.
 * @returns A function that ends the guard. The handler is kept.
 */
export function guardSignal(onReplaced: () => void): () => void {
  // Only the main thread has signal listeners.
  if (!isMainThread) return () => undefined;
  keepSignalHandled();
  // Emitted before the listener is added, and after the listener of Node.js has run.
  const added = (event: string | symbol, listener: unknown): void => {
    const isFirst = event === SIGPROF && process.listenerCount(event) === 0;
    if (isFirst && listener !== ignore) onReplaced();
  };
  emitter.on('newListener', added);
  return () => void emitter.removeListener('newListener', added);
}

/**
 * Keeps the process from being ended by a signal of V8 for the life of the process. Does nothing in
 * a worker.
 *
 * When the application removes its last listener of SIGPROF, Node.js removes its signal handler, and
 * the next signal of V8 ends the process, whichever thread is sampled. So a listener that does
 * nothing takes the place of the last one.
 */
export function keepSignalHandled(): void {
  if (!isMainThread) return;
  onlyHere('signal', () => {
    // Before the listener of Node.js, which removes the handler if no listener is left.
    emitter.prependListener('removeListener', removed);
    return () => void emitter.removeListener('removeListener', removed);
  });
}

function removed(event: string | symbol): void {
  if (event === SIGPROF && process.listenerCount(event) === 0) process.on(event, ignore);
}
