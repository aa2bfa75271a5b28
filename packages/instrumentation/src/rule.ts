import { type Context, diag } from '@opentelemetry/api';
import { contextWithRule, ruleOf } from './contextKey';
import { setBounded } from './setBounded';
import { contextLabels } from './threadState';

/** Contexts made from one parent are kept for this many rules; then the oldest is forgotten. */
const KEPT_PER_PARENT = 4096;

/**
 * Entering the same rule from the same Context again gives the same Context again: it is immutable, and what hangs on it
 * (the native label) need not be made anew. Not for Contexts that are met once, such as one per request:
 * an entry in a `WeakMap` costs ten times what making the Context does.
 */
const entered = new WeakMap<Context, Map<string, Context>>();

/** The Context that a rule was last entered from, if none is kept for it. */
let lastParent: Context | undefined;

let warned = false;

/** The rule that `context` carries; default: the active Context. `undefined` when it carries none. */
export function getRule(context: Context = contextLabels().active()): string | undefined {
  return ruleOf(context);
}

/**
 * A Context like `context` that carries the rule `id`. Any string is legal. Anything else is reported to `diag` once,
 * and `context` comes back as it is: the application does not suffer for a missing name.
 */
export function setRule(context: Context, id: string): Context {
  contextLabels().followManager();
  return isRuleId(id) ? contextWithRule(context, id) : context;
}

/**
 * Calls `fn` with the rule `id` current in it and in all asynchronous work it starts, until another rule is entered there.
 * Returns or throws as `fn` does; the outer rule is current again afterwards.
 *
 * @param id Any string. Anything else is reported to `diag` once, and `fn` runs in the rule that is current.
 */
export function withRule<R>(id: string, fn: () => R): R {
  if (!isRuleId(id)) return fn();
  const labels = contextLabels();
  const current = labels.current();
  const parent = labels.contextIn(current);
  if (ruleOf(parent) !== id) return labels.run(childOf(parent, id), fn, current);
  return labels.isLabel(id, current) ? fn() : labels.run(parent, fn, current);
}

/**
 * A function that does what `fn` does, with the Context of now and the rule `id`, whenever and wherever it is called.
 * For callbacks that a queue or an emitter keeps. `this`, arguments and the result are those of `fn`.
 */
export function bindRule<F extends (...args: never[]) => unknown>(id: string, fn: F): F {
  const labels = contextLabels();
  const parent = labels.active();
  const target = isRuleId(id) && ruleOf(parent) !== id ? childOf(parent, id) : parent;
  const bound = function (this: unknown, ...args: Parameters<F>): unknown {
    return labels.with(target, () => fn.apply(this, args));
  };
  return Object.defineProperties(bound, {
    length: { configurable: true, value: fn.length },
    name: { configurable: true, value: fn.name },
  }) as unknown as F;
}

function childOf(parent: Context, id: string): Context {
  const children = childrenOf(parent);
  let child = children?.get(id);
  if (child === undefined) {
    child = contextWithRule(parent, id);
    if (children !== undefined) setBounded(children, id, child, KEPT_PER_PARENT);
  }
  return child;
}

/** `undefined` for a parent that is not known to come again. */
function childrenOf(parent: Context): Map<string, Context> | undefined {
  let children = entered.get(parent);
  if (children === undefined) {
    if (parent !== lastParent) {
      lastParent = parent;
      return undefined;
    }
    entered.set(parent, (children = new Map<string, Context>()));
  }
  return children;
}

function isRuleId(id: unknown): id is string {
  if (typeof id === 'string') return true;
  if (!warned) diag.error(`rulescope: a rule id must be a string, got ${typeof id}; ignored`);
  warned = true;
  return false;
}
