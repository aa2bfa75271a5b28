import type { LabelSet } from '@rulescope/profiler';
import { type SharedLabel, withSharedLabel } from '@rulescope/profiler/internal';
import { ruleEntered } from './missingHalf';
import { setBounded } from './setBounded';
import type { Rules } from './sharedRules';

/**
 * The label sets that agree in all labels but the rule. Label storages are faster if equal label
 * sets are one object, which also has one native object.
 */
export interface LabelFamily {
  /** The label set without a rule. `undefined` if it would be empty. */
  readonly labels: LabelSet | undefined;
  /** The label sets with a rule, by rule. */
  readonly byRule: Map<string, LabelSet>;
  /** The label sets with several rules. Weak: the weights of a thousand rules take much memory. */
  readonly byShared: WeakMap<SharedLabel, LabelSet>;
  /** Families with one label more or with another value of a label, by key and value. */
  readonly next: Map<string, Map<string, LabelFamily>>;
}

/** Keep this many entries per map of a family. A new label set costs a native object. */
const MAX_ENTRIES = 4096;
/** After this many entries in all maps, make all families but {@link ruleOnly} anew. */
const MAX_ALL_ENTRIES = 16_384;

let entries = 0;

/** The label sets that have a rule and nothing else. */
const ruleOnly = newFamily(undefined);

/** Families by content, so that the order of the labels makes no difference. */
const families = new Map<string, LabelFamily>();

/** Returns the label set of `family` with `rules`. */
export function labelSetOf(rules: Rules, family: LabelFamily = ruleOnly): LabelSet {
  const { labels, byRule, byShared } = family;
  const known = typeof rules === 'string' ? byRule.get(rules) : byShared.get(rules);
  if (known !== undefined) return known;
  ruleEntered();
  if (typeof rules === 'string') return keep(byRule, rules, { ...labels, rule: rules });
  const all = withSharedLabel(labels, rules);
  byShared.set(rules, all);
  return all;
}

/** Returns the family with the labels of `family` and another label, which replaces one of its key. */
export function familyWith(
  key: string,
  value: string,
  family: LabelFamily = ruleOnly,
): LabelFamily {
  const byValue = family.next.get(key) ?? keep(family.next, key, new Map<string, LabelFamily>());
  return byValue.get(value) ?? keep(byValue, value, familyOf({ ...family.labels, [key]: value }));
}

/**
 * Returns whether `labels` is a label set made here, which has a rule and nothing else. May return
 * false for an equal label set made elsewhere.
 */
export function hasRuleOnly(labels: LabelSet): boolean {
  const { rule } = labels;
  return rule !== undefined && ruleOnly.byRule.get(rule) === labels;
}

function familyOf(labels: LabelSet): LabelFamily {
  const content = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return families.get(content) ?? keep(families, content, newFamily(labels));
}

/** Sets `key` in `map` and returns `value`. Contexts in use keep their families. */
function keep<V>(map: Map<string, V>, key: string, value: V): V {
  if (++entries > MAX_ALL_ENTRIES) {
    entries = 0;
    families.clear();
    ruleOnly.next.clear();
  }
  return setBounded(map, key, value, MAX_ENTRIES);
}

function newFamily(labels: LabelSet | undefined): LabelFamily {
  return { labels, byRule: new Map(), byShared: new WeakMap(), next: new Map() };
}
