import { Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import type { Timer, Timers } from './timers';

/** Timers that Node.js implements without the functions that fake timers replace. */
export const standInTimers: Timers = {
  /** Uses the idle timeout of a socket. */
  setTimeout(fn, millis) {
    const { port1: keepsAlive } = new MessageChannel();
    keepsAlive.ref();
    const onTimeout = (): void => {
      keepsAlive.close();
      fn();
    };
    const socket = new Socket().once('timeout', onTimeout).setTimeout(millis);
    const timer: Timer = {
      unref: () => {
        keepsAlive.unref();
        return timer;
      },
      close: () => {
        keepsAlive.close();
        // `socket.setTimeout(0)` would call the fake `clearTimeout`.
        socket.off('timeout', onTimeout);
      },
    };
    return timer;
  },

  /** Sends a message to itself. */
  setImmediate(fn) {
    const { port1, port2 } = new MessageChannel();
    port1.once('message', () => {
      port1.close();
      fn();
    });
    port2.postMessage(undefined);
  },
};
