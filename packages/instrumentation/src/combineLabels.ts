import type { LabelSet } from '@rulescope/profiler';
import { setBounded } from './setBounded';

/** Results of {@link combineLabels}, by the labels of the flow and the rule. */
const combined = new WeakMap<LabelSet, Map<string | undefined, LabelSet | undefined>>();

/** Keep results for this many rules per label set of a flow. */
const MAX_RULES = 256;

/**
 * Returns the labels that a flow with the labels `current` has in the rule `rule`: all but the
 * label `rule` stay. Returns `undefined` if no label is left.
 *
 * Returns the same object for the same arguments: label storages are faster then.
 */
export function combineLabels(current: LabelSet, rule: string | undefined): LabelSet | undefined {
  let byRule = combined.get(current);
  if (byRule === undefined) {
    byRule = new Map<string | undefined, LabelSet | undefined>();
    combined.set(current, byRule);
  }
  if (byRule.has(rule)) return byRule.get(rule);
  return setBounded(byRule, rule, combine(current, rule), MAX_RULES);
}

function combine(current: LabelSet, rule: string | undefined): LabelSet | undefined {
  const { rule: _, ...others } = current;
  if (rule !== undefined) return { ...others, rule };
  return Reflect.ownKeys(others).length === 0 ? undefined : others;
}
