import { functionOption } from '@rulescope/profiler/internal';
import { getRule, withRule } from './rule';

/** The key of the rule in an envelope. The number changes with the shape of the envelope. */
const KEY = 'rulescope.rule.1';

/** A message to another thread, with the rule that sent it. */
interface RuleEnvelope<T> {
  readonly [KEY]: string;
  readonly message: T;
}

/** What {@link carryRule} returns: an envelope, or the message itself if no rule was current. */
export type RuleCarrying<T> = T | RuleEnvelope<T>;

/**
 * Returns `message` in an envelope with the current rule. Send the result to another thread by any
 * means (`postMessage`, the `run` of a worker pool). Open it there with {@link withCarriedRule} or
 * {@link receiveWithRule}. A message that is in an envelope already keeps its rule.
 */
export function carryRule<T>(message: T): RuleCarrying<T> {
  const rule = getRule();
  return rule === undefined || isEnvelope(message) ? message : { [KEY]: rule, message };
}

/**
 * Returns a function that opens the envelope in its first argument and calls `handler` with the
 * message, in the rule of the envelope. A message without an envelope is passed on as it is, in the
 * current rule. Further arguments, `this` and the result are passed through.
 *
 * @throws InvalidOptionError (a `TypeError`) if `handler` is no function.
 */
export function withCarriedRule<T, A extends unknown[], R>(
  handler: (message: T, ...rest: A) => R,
): (carried: RuleCarrying<T>, ...rest: A) => R {
  functionOption('handler', handler);
  return function (this: unknown, carried: RuleCarrying<T>, ...rest: A): R {
    if (!isEnvelope(carried)) return handler.call(this, carried, ...rest);
    return withRule(carried[KEY], () => handler.call(this, carried.message, ...rest));
  };
}

function isEnvelope<T>(value: RuleCarrying<T>): value is RuleEnvelope<T> {
  if (typeof value !== 'object' || value === null) return false;
  const rule: unknown = Object.getOwnPropertyDescriptor(value, KEY)?.value;
  return typeof rule === 'string' && Object.hasOwn(value, 'message');
}
