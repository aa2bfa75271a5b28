import { type Context, diag } from '@opentelemetry/api';
import { type RuleEntry, contextWithRule, createEntry, ruleOf } from './contextKey';
import { setBounded } from './setBounded';
import { contextLabels } from './threadState';

/** Contexts made from one parent are kept for this many rules; then the oldest is forgotten. */
const KEPT_PER_PARENT = 4096;

/** A Context that rules are entered from again and again. */
interface Parent {
  readonly context: Context;
  /** The rule that `context` carries. */
  readonly rule: string | undefined;
  /** The marks of the Contexts made from it, by rule. */
  readonly children: Map<string, RuleEntry>;
}

/**
 * Entering the same rule from the same Context again gives the same Context again: it is immutable, and what hangs on it
 * (the native label) need not be made anew. Not for Contexts that are met once, such as one per request:
 * an entry in a `WeakMap` costs ten times what making the Context does.
 */
const parents = new WeakMap<Context, Parent>();

/** The one that was last entered from, most likely the next one too. It, and no other, is kept alive by that. */
let parentAtHand: Parent | undefined;

/** The Context that a rule was last entered from, if that was for the first time. */
let lastStranger: Context | undefined;

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
  if (knownRuleOf(parent) !== id) return labels.runEntry(childEntry(parent, id), fn, current);
  return labels.isLabel(id, current) ? fn() : labels.run(parent, fn, current);
}

/**
 * A function that does what `fn` does, with the Context of now and the rule `id`, whenever and wherever it is called.
 * For callbacks that a queue or an emitter keeps. `this`, arguments and the result are those of `fn`.
 */
export function bindRule<F extends (...args: never[]) => unknown>(id: string, fn: F): F {
  const labels = contextLabels();
  const parent = labels.active();
  const target =
    isRuleId(id) && knownRuleOf(parent) !== id ? childEntry(parent, id).context : parent;
  const bound = function (this: unknown, ...args: Parameters<F>): unknown {
    return labels.with(target, () => fn.apply(this, args));
  };
  return Object.defineProperties(bound, {
    length: { configurable: true, value: fn.length },
    name: { configurable: true, value: fn.name },
  }) as unknown as F;
}

function knownRuleOf(context: Context): string | undefined {
  return context === parentAtHand?.context ? parentAtHand.rule : ruleOf(context);
}

function childEntry(context: Context, id: string): RuleEntry {
  const children = knownParent(context)?.children;
  let child = children?.get(id);
  if (child === undefined) {
    child = createEntry(context, id);
    if (children !== undefined) setBounded(children, id, child, KEPT_PER_PARENT);
  }
  return child;
}

/** `undefined` for a Context that is not known to come again. */
function knownParent(context: Context): Parent | undefined {
  if (context === parentAtHand?.context) return parentAtHand;
  let parent = parents.get(context);
  if (parent === undefined) {
    if (context !== lastStranger) {
      lastStranger = context;
      return undefined;
    }
    lastStranger = undefined;
    parent = { context, rule: ruleOf(context), children: new Map<string, RuleEntry>() };
    parents.set(context, parent);
  }
  return (parentAtHand = parent);
}

function isRuleId(id: unknown): id is string {
  if (typeof id === 'string') return true;
  if (!warned) diag.error(`rulescope: a rule id must be a string, got ${typeof id}; ignored`);
  warned = true;
  return false;
}
