import type { EventEmitter } from 'node:events';

/** A hash of Redis whose parsing costs more than its sending. */
export const HASH = Object.fromEntries(
  Array.from({ length: 2_000 }, (_, i) => [`field-${i}`, `value ${i} of the hash`]),
);
/** Keys of Redis. Each node of a cluster has some of them. */
export const KEYS = Array.from({ length: 20 }, (_, i) => `key-${i}`);

/** Records the rule in a callback that belongs to the rule that asked. */
export type Tell = (callback: string) => void;

/** A pool of one connection. */
export interface Pool {
  /** Opens the connection, and asks for little. */
  open(tell: Tell): Promise<unknown>;
  /** Asks for answers that cost more CPU here than in the server. Always the same amount. */
  work(): Promise<unknown>;
  /** Asks in all ways that the library has. Calls of several rules share the connection. */
  callBack(tell: Tell): Promise<unknown>;
  /** Asks, and has another connection end this one before the answer. */
  breakOff(tell: Tell): Promise<unknown>;
  /** Returns answers and errors as the application sees them. */
  results(): Promise<unknown>;
  close(): Promise<unknown>;
}

/**
 * Opens a pool.
 *
 * @param library The exports of the library.
 * @param own Records the rule in what belongs to no rule.
 * @param load Loads a file of the library.
 */
export type OpenPool = (
  library: never,
  port: number,
  own: Tell,
  load: (path: string) => unknown,
) => Pool;

/** Resolves with what `ask` hands to the callback that it gets. */
export function called<T>(
  ask: (callback: (error?: Error | null, value?: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) =>
    ask((error, value) => (error ? reject(error) : resolve(value as T))),
  );
}

/** Resolves with the message of the error that `promise` rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => String(error),
  );
}

/** Adds and removes a listener in all ways. Returns the number of listeners that are left. */
export function addAndRemove(emitter: EventEmitter, event: string): number {
  const listener = (): void => undefined;
  for (const add of ['on', 'addListener', 'prependListener', 'once'] as const) {
    emitter[add](event, listener).off(event, listener);
  }
  return emitter.listenerCount(event);
}
