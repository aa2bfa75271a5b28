/**
 * What the realms of a thread share. A realm is a `globalThis` with the modules that were loaded
 * for it. Most threads have one. The test runners Jest and vitest can create one for each test
 * file, and never say that a file has ended, but the thread and its native code outlive them all.
 * This module keeps no realm in memory that has ended, except the last one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { runInThisContext } from 'node:vm';

/** What a realm runs in this thread, of which a thread can have only one. */
interface Occupant {
  readonly realm: object;
  readonly leave: () => void;
}

interface Shared {
  occupant?: Occupant | undefined;
  /** What a realm has added to the thread, by its name. */
  readonly added: Map<string, { readonly realm: object; readonly undo: () => void }>;
  /** Objects that must live on, each with the realm that created it. */
  readonly kept: Map<object, WeakRef<object>>;
  readonly weakly: (object: object) => WeakRef<object>;
}

const SHARED = Symbol.for('rulescope.realms.2');

/**
 * All realms share the modules of Node.js, hence the place. The values are created in the first
 * realm of the thread, because every object keeps its own realm in memory.
 */
const shared = ((AsyncLocalStorage as { [SHARED]?: Shared })[SHARED] ??= runInThisContext(
  '({ added: new Map(), kept: new Map(), weakly: (object) => new WeakRef(object) })',
) as Shared);

/**
 * Makes this realm the one that samples this thread. If another realm does, calls the `leave` that
 * it gave.
 *
 * @param leave Called at most once, when another realm takes over. Must not throw.
 * @returns A function that gives the thread up.
 */
export function occupyThread(leave: () => void): () => void {
  vacateThread();
  const occupant = { realm: globalThis, leave };
  shared.occupant = occupant;
  return () => {
    if (shared.occupant === occupant) shared.occupant = undefined;
  };
}

/** Makes another realm leave this thread, if there is one. */
export function vacateThread(): void {
  const { occupant } = shared;
  if (occupant !== undefined && occupant.realm !== globalThis) occupant.leave();
}

/** Calls `listener` last when the thread ends, in place of the listener of an earlier realm. */
export function listenAtExit(listener: () => void): void {
  const undo = (): void => void process.removeListener('exit', listener);
  onlyHere('exit', () => undo);
  undo();
  process.once('exit', listener);
}

/**
 * Adds something to the thread that lasts, at the first call of this realm, and undoes what an
 * earlier realm has added under the same name.
 *
 * @param add Returns a function that undoes it.
 */
export function onlyHere(name: string, add: () => () => void): void {
  const earlier = shared.added.get(name);
  if (earlier?.realm === globalThis) return;
  earlier?.undo();
  shared.added.set(name, { realm: globalThis, undo: add() });
}

/** Keeps `object` until its realm has ended and a call of {@link release} lets it go. */
export function keep(object: object): void {
  shared.kept.set(object, shared.weakly(globalThis));
}

/** Lets all objects go that `canGo` allows and whose realm has ended. */
export function release(canGo: (object: object) => boolean): void {
  for (const [object, realm] of shared.kept) {
    if (realm.deref() === undefined && canGo(object)) shared.kept.delete(object);
  }
}
