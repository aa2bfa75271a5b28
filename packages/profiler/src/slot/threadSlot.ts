import { warnOnce } from './warnOnce';

/**
 * State that all copies of this package in a thread share. Nested `node_modules` can load several
 * copies into one thread, but a thread has only one V8 sampler and one running flow.
 *
 * This is the only file of the package that touches `globalThis`. Each worker has its own
 * `globalThis`, so each thread has its own values.
 */
const HOLDER = Symbol.for('rulescope.thread');

/** What to do about two versions. */
export const INSTALL_ONE_VERSION =
  'Install one version: npm ls @rulescope/profiler @rulescope/instrumentation';

/** Key of a shared value of type `T`. Each layer declares its own keys. */
export interface SlotKey<T> {
  readonly name: string;
  /** Raise it when the methods that another copy calls on the value change. */
  readonly version: number;
  /** Never set. It only carries the type `T`. */
  readonly type?: T;
}

/** Creates a key. Keys with the same name and version refer to the same value in all copies. */
export function slotKey<T>(name: string, version: number): SlotKey<T> {
  return { name, version };
}

/** Returns the thread's value of `key`, or `undefined` if there is none yet. */
export function ofThread<T>(key: SlotKey<T>): T | undefined {
  return values().get(idOf(key)) as T | undefined;
}

/**
 * Returns the thread's value of `key`. Creates the value on first use.
 *
 * Warns once on stderr (code `RULESCOPE_VERSIONS`) if another copy of the package has created a
 * value with the same name and another version. The two copies do not share the value.
 */
export function perThread<T>(key: SlotKey<T>, create: () => T): T {
  const slots = values();
  const id = idOf(key);
  if (!slots.has(id)) {
    const value = create();
    if (ofAllVersions(key.name).length > 0) {
      warnOnce(
        'rulescope: two versions of rulescope are loaded in this thread, and they do not share ' +
          `"${key.name}". ${INSTALL_ONE_VERSION}`,
        'RULESCOPE_VERSIONS',
      );
    }
    slots.set(id, value);
  }
  return slots.get(id) as T;
}

/** Returns the values of this name that all copies of the package have created, of any version. */
export function ofAllVersions(name: string): unknown[] {
  return [...values()].flatMap(([id, value]) => (id.startsWith(`${name}@`) ? [value] : []));
}

function values(): Map<string, unknown> {
  const holder = globalThis as { [HOLDER]?: Map<string, unknown> };
  return (holder[HOLDER] ??= new Map());
}

function idOf({ name, version }: SlotKey<unknown>): string {
  return `${name}@${version}`;
}
