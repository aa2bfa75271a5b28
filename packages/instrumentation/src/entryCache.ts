import type { Context } from '@opentelemetry/api';
import type { SharedLabel } from '@rulescope/profiler/internal';
import { type LabelEntry, entryOf, familyEntry, ruleEntry } from './contextKey';
import type { LabelFamily } from './labelFamily';
import { setBounded } from './setBounded';
import type { Rules } from './sharedRules';
import { signals } from './signals';

/** Keep this many entries per parent Context. */
const MAX_ENTRIES_PER_PARENT = 4096;

/** A Context that labels were entered from more than once. */
interface Parent {
  readonly context: Context;
  /** The entries made from {@link context}, by the rule or the other labels that were entered. */
  readonly entries: Map<string | LabelFamily, LabelEntry>;
  /** The entries with several rules. Weak, as in {@link LabelFamily}. Few Contexts have any. */
  shared: WeakMap<SharedLabel, LabelEntry> | undefined;
}

/**
 * Makes the entry of the same labels in the same Context once. A Context is immutable, and its label
 * context (a native object) need not be made again. Leaves out a Context that is met only once,
 * such as one per request: adding it to a `WeakMap` costs ten times what creating an entry does.
 */
let parents = new WeakMap<Context, Parent>();

/** The parent that was last entered from, likely the next one too. */
let lastParent: Parent | undefined;

/** The Context that labels were entered from for the first time, the latest such one. */
let seenOnce: Context | undefined;

/** The Context that was read last, likely the next one too, and what it keeps. Stays alive. */
let lastRead: Context | undefined;
let lastEntry: LabelEntry | undefined;

/** {@link signals} when the entries were made. */
let changes = 0;

/**
 * Does what {@link entryOf} does, faster for the Context that was read last. Forgets all entries if
 * they are outdated, so call it before {@link entryIn}.
 */
export function cachedEntryOf(context: Context): LabelEntry | undefined {
  if (signals().changes !== changes) {
    changes = signals().changes;
    parents = new WeakMap();
    lastParent = lastRead = lastEntry = undefined;
  }
  if (context !== lastRead) {
    lastRead = context;
    lastEntry = entryOf(context);
  }
  return lastEntry;
}

/**
 * Returns the entry of a Context like `context` that carries the rules `inner`, or the labels of
 * the family `inner` and its own rules.
 *
 * @param outer What `context` keeps.
 */
export function entryIn(
  context: Context,
  inner: Rules | LabelFamily,
  outer: LabelEntry | undefined,
): LabelEntry {
  const parent = parentOf(context);
  if (typeof inner === 'object' && 'weights' in inner) {
    const known = parent?.shared?.get(inner);
    if (known !== undefined) return known;
    const made = ruleEntry(context, inner, outer);
    if (parent !== undefined) (parent.shared ??= new WeakMap()).set(inner, made);
    return made;
  }
  let entry = parent?.entries.get(inner);
  if (entry === undefined) {
    entry =
      typeof inner === 'string'
        ? ruleEntry(context, inner, outer)
        : familyEntry(context, inner, outer);
    if (parent !== undefined) setBounded(parent.entries, inner, entry, MAX_ENTRIES_PER_PARENT);
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
    parent = { context, entries: new Map(), shared: undefined };
    parents.set(context, parent);
  }
  return (lastParent = parent);
}
