/**
 * Several copies of this package can end up in one thread (nested `node_modules`). The native sampler exists once
 * per thread, so what belongs to it is kept where all copies find it. The key carries a number that changes
 * with the shape of what is stored.
 */
const KEY = Symbol.for('rulescope.profiler.2');

type Slots = Map<string, unknown>;

const holder = globalThis as { [KEY]?: Slots };

/** The thread's one value of that name, if it was made. */
export function ofThread<T>(name: string): T | undefined {
  return holder[KEY]?.get(name) as T | undefined;
}

/** Returns the thread's one value of that name, made on first use. */
export function perThread<T>(name: string, create: () => T): T {
  const slots = (holder[KEY] ??= new Map());
  if (!slots.has(name)) slots.set(name, create());
  return slots.get(name) as T;
}
