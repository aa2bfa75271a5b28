import type { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { isMainThread } from 'node:worker_threads';

const SIGPROF = 'SIGPROF';
const emitter: EventEmitter = process;

/**
 * A listener that does nothing. It is a function of Node.js, so that all copies of this package
 * share one listener.
 */
const ignore = types.isDate;

/**
 * Guards V8's handler of SIGPROF against listeners of the signal that the application adds and
 * removes.
 *
 * Node.js installs a signal handler of its own for the first listener, and V8 gets no signals until
 * its handler is installed again. With the last listener it removes the handler, and the next
 * signal of V8 ends the process. So a listener that does nothing takes the place of the last one.
 * That listener stays for the life of the process, because other threads may still be sampled when
 * this one is not.
 *
 * @param onReplaced Called when Node.js has installed its handler.
 * @returns A function that ends the guard.
 */
export function guardSignal(onReplaced: () => void): () => void {
  // Only the main thread has signal listeners.
  if (!isMainThread) return () => undefined;
  // Emitted before the listener is added, and after the listener of Node.js has run.
  const added = (event: string | symbol, listener: unknown): void => {
    const isFirst = event === SIGPROF && process.listenerCount(event) === 0;
    if (isFirst && listener !== ignore) onReplaced();
  };
  const removed = (event: string | symbol): void => {
    if (event === SIGPROF && process.listenerCount(event) === 0) process.on(event, ignore);
  };
  emitter.on('newListener', added);
  // Before the listener of Node.js, which removes the handler if no listener is left.
  emitter.prependListener('removeListener', removed);
  return () => {
    emitter.removeListener('newListener', added);
    emitter.removeListener('removeListener', removed);
  };
}
