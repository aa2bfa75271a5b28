import type { LabelSet } from '@rulescope/profiler';
import { withoutSharedLabel } from '@rulescope/profiler/internal';
import { isShort, setBounded } from './setBounded';

type Combined = Map<LabelSet | undefined, LabelSet | undefined>;

/** Results of {@link combineLabels}, by the labels of the flow and of the Context that it enters. */
const combined = new WeakMap<LabelSet, Combined>();

/** Keep results for this many Contexts per label set of a flow. */
const MAX_CONTEXTS = 256;

/**
 * Returns the labels that a flow has in another Context: those that it did not get from its old
 * Context, and those of the new one. A label that the flow has overridden stays so where both
 * Contexts have the same value. Returns `undefined` if no label is left.
 *
 * Returns the same object for the same arguments: label storages are faster then.
 *
 * @param current Labels of the flow. Fixes `outer`.
 * @param outer Labels of the Context that the flow is in.
 * @param inner Labels of the Context that it enters.
 */
export function combineLabels(
  current: LabelSet,
  outer: LabelSet | undefined,
  inner: LabelSet | undefined,
): LabelSet | undefined {
  let byInner = combined.get(current);
  if (byInner === undefined) combined.set(current, (byInner = new Map() as Combined));
  if (byInner.has(inner)) return byInner.get(inner);
  const labels = combine(current, outer, inner);
  if (!Object.values(labels ?? {}).every(isShort)) return labels;
  return setBounded(byInner, inner, labels, MAX_CONTEXTS);
}

function combine(
  current: LabelSet,
  outer: LabelSet | undefined,
  inner: LabelSet | undefined,
): LabelSet | undefined {
  const others: Record<string, string> = { ...withoutSharedLabel(current) };
  const entered: Record<string, string> = { ...inner };
  // A flow can have rules that are of no Context. They end with the rules of the Context.
  delete others['rule'];
  for (const [key, value] of Object.entries(outer ?? {})) {
    if (key === 'rule') continue;
    if (current[key] === value) delete others[key];
    // The flow has overridden the label, which is the same in both Contexts.
    else if (inner?.[key] === value) delete entered[key];
  }
  const labels = { ...others, ...entered };
  return Reflect.ownKeys(labels).length === 0 ? undefined : labels;
}
