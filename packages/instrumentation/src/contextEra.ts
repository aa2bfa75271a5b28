import type { Context, ContextManager } from '@opentelemetry/api';
import type { LabelContext } from '@rulescope/profiler/internal';

/*
 * Tells which Contexts in the label storage are still valid. All context managers share the storage,
 * so a flow that goes on after its manager was disabled would show its Context to the next one.
 */

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/** A Context that was entered after a context manager had been disabled. */
class StampedContext {
  constructor(
    readonly context: Context,
    readonly era: object,
  ) {}
}

/** Set when a manager is disabled. Until then, which is nearly always, Contexts need no stamp. */
let era: object | undefined;

interface Registered {
  readonly context?: ContextManager;
}

/** The API makes this object once. Kept, because a look at it is part of every entry of a rule. */
let registered: Registered | undefined;

/** Returns the context manager that is registered with the API. */
export function registeredManager(): ContextManager | undefined {
  return (registered ??= (globalThis as { [API]?: Registered })[API])?.context;
}

/** Does what `context.with` of the API does, without its check of versions. */
export function withManager<R>(target: Context, fn: () => R): R {
  const manager = registeredManager();
  return manager === undefined ? fn() : manager.with(target, fn);
}

/**
 * Makes all Contexts invalid that were entered so far, if `manager`, which is being disabled, is the
 * registered one. The API disables a manager before it forgets it.
 */
export function endContexts(manager: ContextManager): void {
  if (manager === registeredManager()) era = {};
}

/** Returns `context` as the value of a label context. */
export function stamp(context: Context): unknown {
  return era === undefined ? context : new StampedContext(context, era);
}

/** Returns the Context that a flow carries, `undefined` if there is none or it is invalid. */
export function validContext(current: LabelContext | undefined): Context | undefined {
  const value = current?.value;
  if (era === undefined) return value as Context | undefined;
  return value instanceof StampedContext && value.era === era ? value.context : undefined;
}

/** Returns the Context that the labels of a flow belong to, also if it is invalid. */
export function carriedContext(current: LabelContext | undefined): Context | undefined {
  const value = current?.value;
  return value instanceof StampedContext ? value.context : (value as Context | undefined);
}
