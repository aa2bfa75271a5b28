import { type Context, createContextKey } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import type { LabelContext } from '@rulescope/profiler/internal';
import { setBounded } from './setBounded';

/** What a Context keeps under {@link RULE_KEY}; Contexts derived from it share it. */
export interface RuleEntry {
  /** One object for all Contexts of the rule, as far as {@link KEPT_RULES} reaches. */
  readonly labels: LabelSet & { readonly rule: string };
  /** The Context that the mark was made for. */
  context: Context;
  /** What the label storage carries for that Context, once it was entered. */
  carrier: LabelContext | undefined;
}

/** Keys of that name are equal in all copies of the API and of this package; it changes with the shape of the mark. */
const RULE_KEY = createContextKey('rulescope.rule.1');

/** Label sets are kept for this many rules; then the oldest is forgotten. To make one anew costs a native object. */
const KEPT_RULES = 4096;

const labelSets = new Map<string, RuleEntry['labels']>();

/** What `context` carries for its rule. */
export function entryOf(context: Context): RuleEntry | undefined {
  return context.getValue(RULE_KEY) as RuleEntry | undefined;
}

/** The rule that `context` carries. */
export function ruleOf(context: Context): string | undefined {
  return entryOf(context)?.labels.rule;
}

/** A Context like `context` that carries the rule `id`. */
export function contextWithRule(context: Context, id: string): Context {
  return createEntry(context, id).context;
}

/** The mark of {@link contextWithRule}. */
export function createEntry(context: Context, id: string): RuleEntry {
  const mark: RuleEntry = { labels: labelsOf(id), context, carrier: undefined };
  mark.context = context.setValue(RULE_KEY, mark);
  return mark;
}

/** Whether `labels` are those of a rule and nothing else, as far as can be told at a glance. */
export function areOfRuleAlone(labels: LabelSet): boolean {
  const { rule } = labels;
  return rule !== undefined && labelSets.get(rule) === labels;
}

function labelsOf(id: string): RuleEntry['labels'] {
  let labels = labelSets.get(id);
  if (labels === undefined) {
    setBounded(labelSets, id, (labels = { rule: id }), KEPT_RULES);
  }
  return labels;
}
