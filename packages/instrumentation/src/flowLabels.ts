import type { Context } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import type { LabelContext } from '@rulescope/profiler/internal';
import { combineLabels } from './combineLabels';
import { carriedContext } from './contextEra';
import { entryOf } from './contextKey';
import { hasRuleOnly } from './labelFamily';
import { signals } from './signals';
import { isWithSpan, withSpanLabels } from './spanLabels';

/**
 * Returns the labels that a flow has in another Context: those of the Context, of its active span
 * if asked, and those that the flow has from elsewhere.
 *
 * @param current What the flow carries.
 * @param target The Context that it enters.
 * @param inner Labels of `target`.
 */
export function flowLabels(
  current: LabelContext | undefined,
  target: Context,
  inner: LabelSet | undefined,
): LabelSet | undefined {
  const others = otherLabels(current);
  if (others === undefined) return withSpan(inner, target);
  const context = carriedContext(current);
  const outer = withSpan(entryOf(context)?.labels, context);
  return withSpan(combineLabels(others, outer, inner), target);
}

/** Returns the labels of `current` if it has any that are not of its Context. */
function otherLabels(current: LabelContext | undefined): LabelSet | undefined {
  const labels = current?.labels;
  if (labels === undefined || hasRuleOnly(labels)) return undefined;
  const context = carriedContext(current);
  const own = entryOf(context)?.labels;
  return own === labels || isWithSpan(labels, own, context) ? undefined : labels;
}

function withSpan(
  labels: LabelSet | undefined,
  context: Context | undefined,
): LabelSet | undefined {
  return signals().spanLabels ? withSpanLabels(labels, context) : labels;
}
