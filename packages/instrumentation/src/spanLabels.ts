import {
  type Context,
  type Span,
  type SpanContext,
  TraceFlags,
  createContextKey,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import { setBounded } from './setBounded';

/** Keep this many label sets per span. A new label set costs a native object. */
const MAX_PER_SPAN = 256;

/**
 * Results of {@link withSpanLabels} by span and label set. They live as long as the span, and no
 * other cache has them: one id per request would flood it.
 */
const bySpan = new WeakMap<Span, Map<LabelSet | undefined, LabelSet>>();

/**
 * Returns `labels` and the labels `trace_id` and `span_id` of the span that is active in `context`.
 * Returns `labels` itself if there is no such span, if it belongs to another process, or if it is
 * not sampled: a link to it would lead nowhere.
 *
 * Returns the same object for the same arguments: label storages are faster then.
 */
export function withSpanLabels(
  labels: LabelSet | undefined,
  context: Context | undefined,
): LabelSet | undefined {
  const span = spanIn(context);
  if (span === undefined) return labels;
  let sets = bySpan.get(span);
  const known = sets?.get(labels);
  if (known !== undefined) return known;
  const ids = idsOf(span);
  if (ids === undefined) return labels;
  if (sets === undefined) bySpan.set(span, (sets = new Map<LabelSet | undefined, LabelSet>()));
  const made = { ...labels, trace_id: ids.traceId, span_id: ids.spanId };
  return setBounded(sets, labels, made, MAX_PER_SPAN);
}

/** Returns whether `labels` is what {@link withSpanLabels} has made of `own` in `context`. */
export function isWithSpan(
  labels: LabelSet,
  own: LabelSet | undefined,
  context: Context | undefined,
): boolean {
  if (labels['span_id'] === undefined) return false;
  const span = spanIn(context);
  return span !== undefined && bySpan.get(span)?.get(own) === labels;
}

/** Returns the ids of a sampled span of this process. Never throws: any object can be a span. */
function idsOf(span: Span): SpanContext | undefined {
  try {
    const ids = span.spanContext();
    const sampled = (ids.traceFlags & TraceFlags.SAMPLED) !== 0;
    return sampled && ids.isRemote !== true && isSpanContextValid(ids) ? ids : undefined;
  } catch {
    return undefined;
  }
}

/** The span that was active when a flow was detached. It stays active, and labels no samples. */
const DETACHED_KEY = createContextKey('rulescope.detachedSpan');

/** Returns a Context like `context` whose active span labels no samples. */
export function withoutSpanLabels(context: Context): Context {
  const span = spanIn(context);
  return span === undefined ? context : context.setValue(DETACHED_KEY, span);
}

/**
 * Returns the span that labels the samples in `context`. An application can make any value active.
 */
function spanIn(context: Context | undefined): Span | undefined {
  try {
    const span = context && trace.getSpan(context);
    if (typeof span?.spanContext !== 'function') return undefined;
    return context?.getValue(DETACHED_KEY) === span ? undefined : span;
  } catch {
    return undefined;
  }
}
