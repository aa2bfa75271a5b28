import type { Context } from '@opentelemetry/api';
import { type RuleEntry, createEntry, ruleOf } from './contextKey';
import { setBounded } from './setBounded';

/** Keep the entries of this many rules per parent Context. */
const MAX_ENTRIES_PER_PARENT = 4096;

/** A Context that rules were entered from more than once. */
interface Parent {
  readonly context: Context;
  /** The rule that {@link context} carries. */
  readonly rule: string | undefined;
  /** The entries made from {@link context}, by rule. */
  readonly entries: Map<string, RuleEntry>;
}

/**
 * Makes the entry of the same rule in the same Context once. A Context is immutable, and its label
 * context (a native object) need not be made again. Leaves out a Context that is met only once,
 * such as one per request: adding it to a `WeakMap` costs ten times what creating an entry does.
 */
const parents = new WeakMap<Context, Parent>();

/** The parent that was last entered from, likely the next one too. Only this one is kept alive. */
let lastParent: Parent | undefined;

/** The Context that a rule was entered from for the first time, the latest such one. */
let seenOnce: Context | undefined;

/** Returns the rule that `context` carries. Faster than {@link ruleOf} for the last parent. */
export function cachedRuleOf(context: Context): string | undefined {
  return context === lastParent?.context ? lastParent.rule : ruleOf(context);
}

/** Returns the entry of a Context like `context` that carries the rule `id`. */
export function entryIn(context: Context, id: string): RuleEntry {
  const entries = parentOf(context)?.entries;
  let entry = entries?.get(id);
  if (entry === undefined) {
    entry = createEntry(context, id);
    if (entries !== undefined) setBounded(entries, id, entry, MAX_ENTRIES_PER_PARENT);
  }
  return entry;
}

/** Returns `undefined` when `context` is met for the first time, or is no object. */
function parentOf(context: Context): Parent | undefined {
  if (context === lastParent?.context) return lastParent;
  if (typeof context !== 'object') return undefined;
  let parent = parents.get(context);
  if (parent === undefined) {
    if (context !== seenOnce) {
      seenOnce = context;
      return undefined;
    }
    seenOnce = undefined;
    parent = { context, rule: ruleOf(context), entries: new Map<string, RuleEntry>() };
    parents.set(context, parent);
  }
  return (lastParent = parent);
}
