import type { EventEmitter } from 'node:events';
import type { Context } from '@opentelemetry/api';
import { contextLabels } from '../ContextLabels';
import { wrapMethod } from '../wrapMethod';

/** Calls `fn` with `target` active, also where no context manager is registered. */
function runIn<R>(target: Context, fn: () => R): R {
  const labels = contextLabels();
  // Most of a connection's events find the right Context active.
  return labels.active() === target ? fn() : labels.with(target, fn);
}

/**
 * Returns a function that calls `callback` in the Context that is active now. Returns a value that
 * is no function as it is.
 */
export function bindContext<F>(callback: F): F {
  if (typeof callback !== 'function') return callback;
  const target = contextLabels().active();
  return function (this: unknown, ...args: unknown[]): unknown {
    return runIn(target, () => callback.apply(this, args) as unknown);
  } as F;
}

/**
 * Knows who asked for each command of a connection: the Context that was active when the command was
 * made. A connection answers the commands of many rules in one flow of its own.
 */
export class Askers {
  private readonly contexts = new WeakMap<object, Context>();
  private readonly followed = new WeakSet<EventEmitter>();

  /** Remembers the active Context for `command`, unless one is known. Returns whether it did. */
  remember(command: object): boolean {
    if (this.contexts.has(command)) return false;
    this.contexts.set(command, contextLabels().active());
    return true;
  }

  /** Calls `fn` in the Context of `command`, or as it is if that is unknown. */
  run<R>(command: object | null | undefined, fn: () => R): R {
    const target = command ? this.contexts.get(command) : undefined;
    return target === undefined ? fn() : runIn(target, fn);
  }

  /**
   * Makes `emitter` emit its events in the Context of the command that they belong to. Later calls
   * for the same emitter do nothing, and a value that is no emitter is left as it is: the private
   * fields of a library may be empty.
   *
   * @param commandOf Returns the command of an event, if it has one.
   */
  follow(
    emitter: EventEmitter | undefined,
    commandOf: (event: string | symbol) => object | null | undefined,
  ): void {
    if (typeof emitter?.emit !== 'function' || this.followed.has(emitter)) return;
    this.followed.add(emitter);
    wrapMethod(
      emitter,
      'emit',
      () =>
        (emit, _, [event]) =>
          this.run(commandOf(event), emit),
    );
  }
}
