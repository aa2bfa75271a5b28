import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  ROOT_CONTEXT,
  createContextKey,
} from '@opentelemetry/api';
import type { LabelContext, LabelStorage } from '@rulescope/profiler/internal';
import { endContexts, validContext } from './contextEra';

/** What `context.attach` returns. Experimental since API 1.10. */
interface Token {
  dispose(): void;
}

/** The context managers of API 1.9 and 1.10. */
type Manager = ContextManager & { attach?: (context: Context) => Token };

/** Returns the active Context. */
export type ActiveContext = () => Context;

/** Where labels are stored, and which labels a Context gets there. */
interface ContextLabels {
  readonly storage: LabelStorage;
  labelContextOf(context: Context | null | undefined): LabelContext;
}

type Fn = (...args: unknown[]) => unknown;

/**
 * Makes `manager` move the label whenever it moves the Context.
 *
 * @returns If `manager` keeps its Context in the label storage from now on: a function that reads
 *   the Context from the manager's own storage. Otherwise `undefined`.
 */
export function patchContextManager(
  manager: Manager,
  labels: ContextLabels,
): ActiveContext | undefined {
  const previousActive = replaceStorage(manager, labels);
  if (previousActive === undefined) wrapMethods(manager, labels);
  return previousActive;
}

/**
 * Replaces the `AsyncLocalStorage` of `manager` with the label storage. The label storage carries
 * the Context and the label together, so entering a Context costs one storage as before, not two.
 * The SDK's context manager allows this. So does any manager that keeps the bare Context in an
 * `AsyncLocalStorage` in a property of its own.
 */
function replaceStorage(manager: Manager, labels: ContextLabels): ActiveContext | undefined {
  // Not the values of getters, which may throw.
  const found = Object.entries(Object.getOwnPropertyDescriptors(manager)).flatMap(
    ([key, { value }]) => (isAsyncLocalStorage(value) ? [[key, value as unknown]] : []),
  );
  // A subclass with a `with` of its own may do more than enter the Context. Rules are entered past
  // `with`, see `ContextLabels.run`.
  const methods = ['with', 'active', 'disable'] as const;
  if (found.length !== 1 || new Set(methods.map((name) => definer(manager, name))).size > 1) {
    return undefined;
  }
  const [key, own] = found[0] as [string, AsyncLocalStorage<Context>];
  const replacement = new ContextStorage(own, labels, manager);
  if (Reflect.set(manager, key, replacement) && storesBareContext(manager, replacement)) {
    return () => own.getStore() ?? ROOT_CONTEXT;
  }
  Reflect.set(manager, key, own);
  return undefined;
}

/** Excludes subclasses, which may store something else than they are given. */
function isAsyncLocalStorage(value: unknown): boolean {
  return (
    value instanceof AsyncLocalStorage &&
    Object.getPrototypeOf(value) === AsyncLocalStorage.prototype
  );
}

/** Returns the object in the prototype chain of `manager` that defines `method`. */
function definer(manager: object | null, method: keyof Manager): object | null {
  while (manager !== null && !Object.hasOwn(manager, method)) {
    manager = Object.getPrototypeOf(manager) as object | null;
  }
  return manager;
}

/** Returns whether `manager` stores a Context in `storage` just as it is given. */
function storesBareContext(manager: Manager, storage: ContextStorage): boolean {
  const probe = ROOT_CONTEXT.setValue(createContextKey('rulescope.probe'), true);
  try {
    return manager.with(probe, () => storage.getStore() === probe && manager.active() === probe);
  } catch {
    // The manager stores something that is no Context.
    return false;
  }
}

/**
 * The `AsyncLocalStorage` of a context manager, kept in the label storage. A flow that was under
 * way before the manager was patched still has its Context in `own`, where `getStore` looks second.
 */
class ContextStorage extends AsyncLocalStorage<Context> {
  constructor(
    private readonly own: AsyncLocalStorage<Context>,
    private readonly labels: ContextLabels,
    private readonly manager: Manager,
  ) {
    super();
  }

  override getStore(): Context | undefined {
    const { labels } = this;
    return validContext(labels.storage.currentLabelContext()) ?? this.own.getStore();
  }

  override run<A extends unknown[], R>(
    target: Context | undefined,
    fn: (...args: A) => R,
    ...args: A
  ): R {
    return this.labels.storage.run(this.labels.labelContextOf(target), fn, ...args);
  }

  override enterWith(target: Context | undefined): void {
    this.labels.storage.enter(this.labels.labelContextOf(target));
  }

  override disable(): void {
    const { storage } = this.labels;
    // Not the root Context: it would hide the Contexts in the storage of the next manager.
    storage.enter(storage.createLabelContext(undefined));
    this.own.disable();
    endContexts(this.manager);
  }

  /** Enters `target` as Node.js 25.9 does. The SDK's `attach` uses this method if there is one. */
  withScope(target: Context | undefined): Token {
    const { labels, own } = this;
    const { storage } = labels;
    const outer = storage.currentLabelContext() ?? labels.labelContextOf(own.getStore());
    this.enterWith(target);
    return disposeOnce(() => storage.enter(outer));
  }
}

/** Makes `manager` move the label beside the Context. For managers that share no storage. */
function wrapMethods(manager: Manager, labels: ContextLabels): void {
  const { storage } = labels;
  const own = {
    with: manager.with.bind(manager) as (target: Context, fn: Fn, ...rest: unknown[]) => unknown,
    bind: manager.bind.bind(manager),
    attach: manager.attach?.bind(manager),
  };

  manager.with = ((target: Context, fn: Fn, ...rest: unknown[]) =>
    storage.run(labels.labelContextOf(target), () =>
      own.with(target, fn, ...rest),
    )) as ContextManager['with'];

  manager.bind = <T>(target: Context, subject: T): T => {
    const bound = own.bind(target, subject);
    if (typeof bound !== 'function') return bound;
    const labeled = function (this: unknown, ...args: unknown[]): unknown {
      return storage.run(labels.labelContextOf(target), () => (bound as Fn).apply(this, args));
    };
    return Object.defineProperty(labeled, 'length', {
      configurable: true,
      value: (subject as Fn).length,
    }) as T;
  };

  const { attach } = own;
  if (attach !== undefined) {
    manager.attach = (target) => {
      const outer = storage.currentLabelContext() ?? storage.createLabelContext(undefined);
      const token = attach(target);
      storage.enter(labels.labelContextOf(target));
      return disposeOnce(() => {
        token.dispose();
        storage.enter(outer);
      });
    };
  }
}

function disposeOnce(restore: () => void): Token {
  let disposed = false;
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    restore();
  };
  const symbol = (Symbol as { dispose?: symbol }).dispose;
  return symbol === undefined ? { dispose } : { dispose, [symbol]: dispose };
}
