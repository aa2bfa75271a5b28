import { type Context, ROOT_CONTEXT, createContextKey } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import type { LabelContext } from '@rulescope/profiler/internal';
import { type LabelFamily, labelSetOf } from './labelFamily';
import { receivedRule, withBaggageRule, withoutBaggageRule } from './ruleBaggage';
import { type Rules, rulesIn } from './sharedRules';
import { signals } from './signals';

/** What a Context keeps under {@link LABELS_KEY}. Contexts derived from it share it. */
export interface LabelEntry {
  /** The rule or rules, if there are any, and all other labels of the Context. */
  readonly labels: LabelSet;
  /** The rule or rules in {@link labels}. */
  readonly rules: Rules | undefined;
  /** The labels without the rule. `undefined` if there are none. */
  readonly family: LabelFamily | undefined;
  /** The Context that the entry was made for. The root Context if the rule came in baggage. */
  context: Context;
  /** The label context of {@link context}. Set when it is first entered. */
  labelContext: LabelContext | undefined;
  /** The same without labels. Set when it is first entered while no instrumentation is enabled. */
  unlabeled: LabelContext | undefined;
}

/**
 * All copies of the API and of this package get an equal key for this name. The number changes with
 * the shape of {@link LabelEntry}.
 */
const LABELS_KEY = createContextKey('rulescope.labels.1');

/**
 * Returns what `context` keeps for its labels. A Context without a rule of its own has the rule in
 * its baggage, if rules are propagated. The SDK's managers take any value for a Context, so this
 * does too: `null`, a plain object, a mock that answers every key or throws.
 */
export function entryOf(context: Context | null | undefined): LabelEntry | undefined {
  try {
    if (typeof context?.getValue !== 'function') return undefined;
    const entry = context.getValue(LABELS_KEY) as LabelEntry | undefined;
    const rule = entry?.labels['rule'];
    if (typeof rule === 'string') return entry;
    if (rule !== undefined) return undefined;
    const receives = signals().propagate && entry?.rules === undefined;
    return receives ? receivedEntry(context, entry) : entry;
  } catch {
    return undefined;
  }
}

/**
 * Returns the entry of a Context whose rule is in its baggage.
 *
 * @param outer What the Context keeps itself: labels without a rule.
 */
function receivedEntry(context: Context, outer: LabelEntry | undefined): LabelEntry | undefined {
  const rule = receivedRule(context);
  if (rule === undefined) return outer;
  const family = outer?.family;
  return newEntry(labelSetOf(rule, family), family, ROOT_CONTEXT);
}

/** Returns the rule that `context` carries. */
export function ruleOf(context: Context): string | undefined {
  return entryOf(context)?.labels['rule'];
}

/** Returns a Context like `context` that carries the rule `id`. */
export function contextWithRule(context: Context, id: string): Context {
  return ruleEntry(context, id, entryOf(context)).context;
}

/**
 * Returns the entry of a new Context like `context` that carries `rules`.
 *
 * @param outer What `context` keeps.
 */
export function ruleEntry(
  context: Context,
  rules: Rules,
  outer: LabelEntry | undefined,
): LabelEntry {
  const family = outer?.family;
  return createEntry(context, labelSetOf(rules, family), family);
}

/** Returns the entry of a new Context like `context` with the labels of `family` and its rules. */
export function familyEntry(
  context: Context,
  family: LabelFamily,
  outer: LabelEntry | undefined,
): LabelEntry {
  const rules = outer?.rules;
  const labels = rules === undefined ? family.labels : labelSetOf(rules, family);
  return createEntry(context, labels ?? {}, family);
}

/**
 * An application can make any value active: a value that no Context can be derived from counts as
 * the root Context.
 */
function createEntry(
  context: Context,
  labels: LabelSet,
  family: LabelFamily | undefined,
): LabelEntry {
  const entry = newEntry(labels, family, context);
  const derived = derive(context, entry) ?? ROOT_CONTEXT.setValue(LABELS_KEY, entry);
  const rules = signals().propagate ? entry.rules : undefined;
  if (rules === undefined) entry.context = derived;
  // Baggage has one rule. Several send none, and not the one that they replace.
  else if (typeof rules === 'string') entry.context = withBaggageRule(derived, rules);
  else entry.context = withoutBaggageRule(derived);
  return entry;
}

function newEntry(labels: LabelSet, family: LabelFamily | undefined, context: Context): LabelEntry {
  const rules = rulesIn(labels);
  return { labels, rules, family, context, labelContext: undefined, unlabeled: undefined };
}

function derive(
  context: Partial<Context> | null | undefined,
  entry: LabelEntry,
): Context | undefined {
  try {
    const derived = context?.setValue?.(LABELS_KEY, entry);
    return typeof derived?.getValue === 'function' ? derived : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a Context like `context` that carries neither a rule nor other labels. */
export function withoutLabels(context: Context): Context {
  const rest = signals().propagate ? withoutBaggageRule(context) : context;
  return entryOf(rest) === undefined ? rest : rest.deleteValue(LABELS_KEY);
}
