import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';

type Fn = (...args: unknown[]) => unknown;

/**
 * A context manager of another maker that keeps the bare Context in an `AsyncLocalStorage` in a
 * property of its own. Its `bind` and `attach` do not go through `with` or `withScope`.
 */
export class OpenContextManager implements ContextManager {
  readonly contexts = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.contexts.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    target: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.contexts.run(target, () => fn.apply(thisArg, args));
  }

  bind<T>(target: Context, subject: T): T {
    const { contexts } = this;
    if (subject instanceof EventEmitter) {
      const { on } = subject;
      subject.on = (event, listener) => on.call(subject, event, this.bind(target, listener));
      return subject;
    }
    if (typeof subject !== 'function') return subject;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return contexts.run(target, () => (subject as unknown as Fn).apply(this, args));
    };
    return Object.defineProperty(bound, 'length', { value: subject.length }) as T;
  }

  attach(target: Context): { dispose(): void } {
    let outer: Context | undefined = this.active();
    this.contexts.enterWith(target);
    const dispose = (): void => {
      if (outer !== undefined) this.contexts.enterWith(outer);
      outer = undefined;
    };
    return Object.assign({ dispose }, { [Symbol.dispose]: dispose });
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.contexts.disable();
    return this;
  }
}
