/// <reference lib="es2024.string" />
import { type Baggage, type Context, diag, propagation } from '@opentelemetry/api';
import { boundedString, warnOnce } from '@rulescope/profiler/internal';
import { ATTR_RULE_ID } from './semconv';
import { signals } from './signals';

/**
 * Returns a Context like `context` with the rule `id` in its baggage. The bounded value has 2,304
 * bytes at most when it is percent-encoded, less than the 4,096 that W3C allows for an entry.
 */
export function withBaggageRule(context: Context, id: string): Context {
  // Propagators throw when they encode half a surrogate pair.
  const value = boundedString(id).toWellFormed();
  return changeBaggage(context, (baggage) =>
    baggage.getEntry(ATTR_RULE_ID)?.value === value
      ? baggage
      : baggage.setEntry(ATTR_RULE_ID, { value }),
  );
}

/** Returns a Context like `context` without a rule in its baggage. */
export function withoutBaggageRule(context: Context): Context {
  return changeBaggage(context, (baggage) =>
    baggage.getEntry(ATTR_RULE_ID) === undefined ? baggage : baggage.removeEntry(ATTR_RULE_ID),
  );
}

/** Returns the rule that has arrived in the baggage of `context`, if it is not refused. */
export function receivedRule(context: Context): string | undefined {
  const value: unknown = propagation.getBaggage(context)?.getEntry(ATTR_RULE_ID)?.value;
  if (typeof value !== 'string') return undefined;
  const { incomingRule } = signals();
  const id = boundedString(value);
  if (incomingRule === undefined) return id;
  try {
    const rule: unknown = incomingRule(id);
    if (rule === undefined || typeof rule === 'string') return rule;
    throw new TypeError(`it returned a ${typeof rule}`);
  } catch (thrown) {
    const message =
      `rulescope: incomingRule failed (${String(thrown)}). It must return a string or undefined. ` +
      'The work belongs to no rule.';
    if (warnOnce(message, 'RULESCOPE_INCOMING_RULE')) diag.error(message);
    return undefined;
  }
}

/** Never throws: an application can make any value active, and a propagator any baggage. */
function changeBaggage(context: Context, change: (baggage: Baggage) => Baggage): Context {
  try {
    const baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
    const changed = change(baggage);
    return changed === baggage ? context : propagation.setBaggage(context, changed);
  } catch {
    return context;
  }
}
