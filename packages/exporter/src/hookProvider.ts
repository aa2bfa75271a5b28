import type { MeterProvider } from '@opentelemetry/api';

/** What to do when the owner of a MeterProvider flushes it or shuts it down. */
interface ProviderHooks {
  /** Called before each flush, which waits for the promise. Must not reject. */
  beforeFlush(): Promise<void>;
  /** Called before each shutdown, which waits for the promise. Must not reject. */
  beforeShutdown(): Promise<void>;
  /** Called when the provider has shut down. All calls of `shutdown` have then ended. */
  afterShutdown(): void;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * Calls `hooks` when `provider` is flushed or shut down. Replaces the methods of this one object,
 * because an SDK does not tell its observable instruments. Arguments, results and errors stay those
 * of the provider.
 *
 * @returns A function that undoes it.
 */
export function hookProvider(provider: MeterProvider, hooks: ProviderHooks): () => void {
  const restoreFlush = replace(provider, 'forceFlush', async (flush) => {
    await hooks.beforeFlush();
    return flush();
  });
  let shutdowns = 0;
  const restoreShutdown = replace(provider, 'shutdown', async (shutdown) => {
    shutdowns++;
    await hooks.beforeShutdown();
    try {
      return await shutdown();
    } finally {
      // An SDK answers a second call at once, while the first one still collects.
      if (--shutdowns === 0) hooks.afterShutdown();
    }
  });
  return () => {
    restoreFlush();
    restoreShutdown();
  };
}

/**
 * Replaces the method `name` of `target` with `around`, which gets the call of the original. Does
 * nothing if there is no such method, or if `target` is frozen.
 */
function replace(
  target: object,
  name: string,
  around: (original: () => Promise<unknown>) => Promise<unknown>,
): () => void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== 'function') return () => undefined;
  const before = Object.getOwnPropertyDescriptor(target, name);
  let active = true;
  const value: Method = function (this: unknown, ...args) {
    const call = (): Promise<unknown> => Reflect.apply(original as Method, this, args);
    return active ? around(call) : call();
  };
  Reflect.defineProperty(target, name, { configurable: true, writable: true, value });
  return () => {
    active = false;
    // Other code may have wrapped the method since. Its wrapper stays, and ours passes calls on.
    if (Reflect.get(target, name) !== value) return;
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Reflect.defineProperty(target, name, before);
  };
}
