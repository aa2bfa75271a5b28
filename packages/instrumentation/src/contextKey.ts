import { type Context, ROOT_CONTEXT, createContextKey } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import type { LabelContext } from '@rulescope/profiler/internal';
import { ruleEntered } from './missingHalf';
import { setBounded } from './setBounded';

/** What a Context keeps under {@link RULE_KEY}. Contexts derived from it share it. */
export interface RuleEntry {
  /** One object for all Contexts of the rule, as long as {@link labelSets} keeps it. */
  readonly labels: LabelSet & { readonly rule: string };
  /** The Context that the entry was made for. */
  context: Context;
  /** The label context of {@link context}. Set when the rule is first entered. */
  labelContext: LabelContext | undefined;
}

/**
 * All copies of the API and of this package get an equal key for this name. The number changes with
 * the shape of {@link RuleEntry}.
 */
const RULE_KEY = createContextKey('rulescope.rule.2');

/** Keep the label sets of this many rules. A new label set costs a native object. */
const MAX_LABEL_SETS = 4096;

const labelSets = new Map<string, RuleEntry['labels']>();

/**
 * Returns what `context` keeps for its rule. The SDK's managers take any value for a Context, so
 * this does too: `null`, a plain object, a mock that answers every key or throws.
 */
export function entryOf(context: Context | null | undefined): RuleEntry | undefined {
  try {
    if (typeof context?.getValue !== 'function') return undefined;
    const entry = context.getValue(RULE_KEY) as RuleEntry | undefined;
    return typeof entry?.labels.rule === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the rule that `context` carries. */
export function ruleOf(context: Context): string | undefined {
  return entryOf(context)?.labels.rule;
}

/** Returns a Context like `context` that carries the rule `id`. */
export function contextWithRule(context: Context, id: string): Context {
  return createEntry(context, id).context;
}

/**
 * Returns the entry of a new Context like `context` that carries the rule `id`. An application can
 * make any value active: a value that no Context can be derived from counts as the root Context.
 */
export function createEntry(context: Context, id: string): RuleEntry {
  const entry: RuleEntry = { labels: labelSetOf(id), context, labelContext: undefined };
  entry.context = derive(context, entry) ?? ROOT_CONTEXT.setValue(RULE_KEY, entry);
  return entry;
}

function derive(
  context: Partial<Context> | null | undefined,
  entry: RuleEntry,
): Context | undefined {
  try {
    const derived = context?.setValue?.(RULE_KEY, entry);
    return typeof derived?.getValue === 'function' ? derived : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns whether `labels` is a label set made here, which has a rule and nothing else. May return
 * false for an equal label set made elsewhere.
 */
export function hasRuleOnly(labels: LabelSet): boolean {
  const { rule } = labels;
  return rule !== undefined && labelSets.get(rule) === labels;
}

function labelSetOf(id: string): RuleEntry['labels'] {
  let labels = labelSets.get(id);
  if (labels === undefined) {
    setBounded(labelSets, id, (labels = { rule: id }), MAX_LABEL_SETS);
    ruleEntered();
  }
  return labels;
}
