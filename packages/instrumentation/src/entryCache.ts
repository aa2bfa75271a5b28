import type { Context } from '@opentelemetry/api';
import { type LabelEntry, entryOf, familyEntry, ruleEntry } from './contextKey';
import type { LabelFamily } from './labelFamily';
import { isShort, setBounded } from './setBounded';
import { signals } from './signals';

/** Keep this many entries per parent Context. */
const MAX_ENTRIES_PER_PARENT = 4096;

/** A Context that labels were entered from more than once. */
interface Parent {
  readonly context: Context;
  /** The entries made from {@link context}, by the rule or the other labels that were entered. */
  readonly entries: Map<string | LabelFamily, LabelEntry>;
  /** Some of {@link entries}: of the rules whose ids have equal slots, the one entered last. */
  readonly recent: LabelEntry[];
}

/**
 * Makes the entry of the same labels in the same Context once. A Context is immutable, and its label
 * context (a native object) need not be made again. Leaves out a Context that is met only once,
 * such as one per request: adding it to a `WeakMap` costs ten times what creating an entry does.
 */
let parents = new WeakMap<Context, Parent>();

/** The parent that was last entered from, likely the next one too. Only this one is kept alive. */
let lastParent: Parent | undefined;

/** The Context that labels were entered from for the first time, the latest such one. */
let seenOnce: Context | undefined;

/** The Context that was read last, likely the next one too, and what it keeps. */
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
 * Does what {@link entryIn} does for a rule, without a look into a `Map` if possible. Which bucket
 * of a `Map` has the id is hard to predict for a processor, which costs about 10 ns of an entry.
 */
export function ruleEntryIn(
  context: Context,
  id: string,
  outer: LabelEntry | undefined,
): LabelEntry {
  const slot = slotOf(id);
  const recent = context === lastParent?.context ? lastParent.recent[slot] : undefined;
  if (recent?.labels['rule'] === id) return recent;
  const entry = entryIn(context, id, outer);
  if (context === lastParent?.context && isShort(id)) lastParent.recent[slot] = entry;
  return entry;
}

/** Returns one of 64 slots. Up to ten rules that differ in the last digit have different ones. */
function slotOf(id: string): number {
  return (id.length * 31 + id.charCodeAt(id.length - 1)) & 63;
}

/**
 * Returns the entry of a Context like `context` that carries the rule `inner`, or the labels of the
 * family `inner` and its own rule.
 *
 * @param outer What `context` keeps.
 */
export function entryIn(
  context: Context,
  inner: string | LabelFamily,
  outer: LabelEntry | undefined,
): LabelEntry {
  const entries = parentOf(context)?.entries;
  let entry = entries?.get(inner);
  if (entry === undefined) {
    entry =
      typeof inner === 'string'
        ? ruleEntry(context, inner, outer)
        : familyEntry(context, inner, outer);
    if (entries !== undefined) setBounded(entries, inner, entry, MAX_ENTRIES_PER_PARENT);
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
    parent = { context, entries: new Map<string | LabelFamily, LabelEntry>(), recent: [] };
    parents.set(context, parent);
  }
  return (lastParent = parent);
}
