import type { LabelSet } from '@rulescope/profiler';
import { setBounded } from './setBounded';

/** What was combined before, by the labels of the flow and the rule. */
const combined = new WeakMap<LabelSet, Map<string | undefined, LabelSet | undefined>>();

/** Rules per label set of a flow; then the oldest is forgotten. */
const KEPT_RULES = 256;

/**
 * The labels that a flow with the labels `current` has in the rule `rule`: its own, but for the rule, which is that of the Context.
 * The same object for the same labels, as label storages like it. `undefined` when there is none.
 */
export function combineLabels(current: LabelSet, rule: string | undefined): LabelSet | undefined {
  let byRule = combined.get(current);
  if (byRule === undefined) {
    byRule = new Map<string | undefined, LabelSet | undefined>();
    combined.set(current, byRule);
  }
  if (!byRule.has(rule)) {
    setBounded(byRule, rule, combine(current, rule), KEPT_RULES);
  }
  return byRule.get(rule);
}

function combine(current: LabelSet, rule: string | undefined): LabelSet | undefined {
  const { rule: _, ...others } = current;
  if (rule !== undefined) return { ...others, rule };
  return Reflect.ownKeys(others).length === 0 ? undefined : others;
}
