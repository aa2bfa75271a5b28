import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';

type Fn = (...args: unknown[]) => unknown;

/** A context manager with a private storage, whose `bind` does not go through `with`. */
export class ForeignContextManager implements ContextManager {
  readonly #contexts = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#contexts.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    target: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#contexts.run(target, () => fn.apply(thisArg, args));
  }

  bind<T>(target: Context, subject: T): T {
    if (subject instanceof EventEmitter) return this.bindEmitter(target, subject) as T;
    if (typeof subject !== 'function') return subject;
    const contexts = this.#contexts;
    return function (this: unknown, ...args: unknown[]): unknown {
      return contexts.run(target, () => (subject as unknown as Fn).apply(this, args));
    } as T;
  }

  attach(target: Context): { dispose(): void } {
    const outer = this.active();
    this.#contexts.enterWith(target);
    return { dispose: () => this.#contexts.enterWith(outer) };
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#contexts.disable();
    return this;
  }

  private bindEmitter(target: Context, emitter: EventEmitter): EventEmitter {
    const { on } = emitter;
    emitter.on = (event, listener) => on.call(emitter, event, this.bind(target, listener));
    return emitter;
  }
}
