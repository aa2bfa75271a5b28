import type { EventEmitter } from 'node:events';
import { detach } from '../detach';
import { wrapMethod } from '../wrapMethod';
import { Askers, bindContext } from './Askers';
import { type AdapterConfig, RuleAdapter } from './RuleAdapter';

type Method = (...args: unknown[]) => unknown;

/** Marks a bound listener, also for other copies of this package. */
const BOUND = Symbol.for('rulescope.bound');

/** What a replaced method does. `call` calls the original with the same `this`. */
type Around<T> = (self: T, args: unknown[], call: Method) => unknown;

/**
 * Charges the work of pooled connections to the rules that use them. The connection's own work
 * belongs to no rule, although a rule opened the connection. Answers and callbacks belong to the
 * rule that asked, with its whole OpenTelemetry Context.
 *
 * A connection that was opened while the adapter was off stays in the rule that opened it.
 */
export abstract class PoolAdapter<
  Config extends AdapterConfig = AdapterConfig,
> extends RuleAdapter<Config> {
  protected readonly askers = new Askers();

  /**
   * Replaces a method. While the adapter is off, the new one only calls the original. Warns if there
   * is no such method.
   */
  protected around<T extends object>(target: T, method: string, around: Around<T>): void {
    if (typeof (target as Record<string, unknown>)[method] !== 'function') {
      this.warnOfVersion(`it has no method ${method}`);
      return;
    }
    wrapMethod(
      target as Record<string, Method>,
      method,
      () => (call, self, args) =>
        this.isOn ? around(self as T, args, (...passed) => call(passed)) : call(),
    );
  }

  /** Makes methods run outside any rule. */
  protected detachMethods(target: object, ...methods: string[]): void {
    for (const method of methods) {
      this.around(target, method, (_, args, call) => detach(() => call(...args)));
    }
  }

  /** Makes the callback of methods, their last argument, run in the Context of their caller. */
  protected bindCallbacks(target: object, ...methods: string[]): void {
    for (const method of methods) {
      this.around(target, method, (_, args, call) =>
        call(...args.slice(0, -1), ...args.slice(-1).map(bindContext)),
      );
    }
  }

  /** Makes listeners of `events` run in the Context in which they were added. */
  protected bindListeners(target: EventEmitter, ...events: string[]): void {
    const bindIn = (method: string, onceBy?: 'on' | 'prependListener'): void =>
      this.around(target, method, (emitter, [event, listener], call) => {
        const isOurs = typeof listener === 'function' && events.includes(event as string);
        // The method of another adapter, or `once`, may have bound it.
        if (!isOurs || BOUND in listener) return call(event, listener);
        const inContext = bindContext(listener as Method);
        let called = false;
        const bound = function (this: unknown, ...args: unknown[]): unknown {
          if (onceBy !== undefined) {
            // The listener may emit its event again.
            if (called) return undefined;
            called = true;
            emitter.removeListener(event as string, bound);
          }
          return inContext.apply(this, args);
        };
        // The application removes the listener that it has added: an emitter looks for it here.
        Object.assign(bound, { listener, [BOUND]: true });
        return onceBy === undefined ? call(event, bound) : emitter[onceBy](event as string, bound);
      });
    bindIn('on');
    bindIn('addListener');
    bindIn('prependListener');
    // An emitter of Node.js adds by these methods, which a subclass may have replaced.
    bindIn('once', 'on');
    bindIn('prependOnceListener', 'prependListener');
  }
}
