import type { Context, ContextManager } from '@opentelemetry/api';
import type { ContextLabels } from './ContextLabels';

/** What `context.attach` returns, experimental since API 1.10. */
interface Token {
  dispose(): void;
}

/** The context managers of API 1.9 and 1.10. */
type Manager = ContextManager & { attach?: (context: Context) => Token };

/** Says which Context is active. */
export type ActiveContext = () => Context;

type Fn = (...args: unknown[]) => unknown;

/**
 * Makes `manager` move the label wherever it moves the Context.
 *
 * @returns For a manager that keeps the Context in the label storage from now on: what it has in its own storage.
 */
export function patchContextManager(
  manager: Manager,
  labels: ContextLabels,
): ActiveContext | undefined {
  if (manager.constructor.name === 'AsyncLocalStorageContextManager') {
    return replaceStorage(manager, labels);
  }
  runBeside(manager, labels);
  return undefined;
}

/**
 * The SDK's own manager is an `AsyncLocalStorage` with three doors: `active`, `with`, `attach` (its `bind` goes through
 * `with`). Behind them we put the label storage, which carries the Context and the label together: entering
 * a Context costs one storage as before, not two. What was under way before the patch still has its
 * Context in the manager's own storage, where `active` looks second.
 */
function replaceStorage(manager: Manager, labels: ContextLabels): ActiveContext {
  const { storage } = labels;
  const own = { active: manager.active.bind(manager), disable: manager.disable.bind(manager) };

  manager.active = () =>
    (storage.currentLabelContext()?.value as Context | undefined) ?? own.active();

  manager.with = ((target: Context, fn: Fn, thisArg?: unknown, ...args: unknown[]) =>
    storage.run(
      labels.labelContextOf(target),
      thisArg == null ? fn : fn.bind(thisArg),
      ...args,
    )) as ContextManager['with'];

  if (manager.attach !== undefined) {
    manager.attach = (target) => {
      const outer = storage.currentLabelContext() ?? labels.labelContextOf(own.active());
      storage.enter(labels.labelContextOf(target));
      return disposeOnce(() => storage.enter(outer));
    };
  }

  manager.disable = () => {
    // No Context, rather than the root's: it would hide those in the storage of the next manager.
    storage.enter(storage.createLabelContext(undefined));
    own.disable();
    return manager;
  };

  return own.active;
}

/** Any other manager keeps its Context where it likes; the label travels beside it. */
function runBeside(manager: Manager, labels: ContextLabels): void {
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
