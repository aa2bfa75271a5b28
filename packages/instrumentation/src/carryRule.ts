import { getRule, withRule } from './rule';

/** The number changes with the shape of the envelope. */
const KEY = 'rulescope.rule.1';

/** A message on its way to another thread, with the rule that sent it. */
interface RuleEnvelope<T> {
  readonly [KEY]: string;
  readonly message: T;
}

/** What {@link carryRule} returns: `message` itself where there is no rule to carry. */
export type RuleCarrying<T> = T | RuleEnvelope<T>;

/**
 * `message` with the rule that is current, to be posted to another thread by any means (`postMessage`, a pool's `run`), where
 * {@link withCarriedRule} or {@link receiveWithRule} takes it apart. What is in an envelope already keeps the rule it has: it is the
 * inner one.
 */
export function carryRule<T>(message: T): RuleCarrying<T> {
  const rule = getRule();
  return rule === undefined || isEnvelope(message) ? message : { [KEY]: rule, message };
}

/**
 * A function that calls `handler` with the message in an envelope, in the rule it carries, and with anything else as it is, in the
 * rule that is current. Further arguments, `this` and the result are those of `handler`.
 */
export function withCarriedRule<T, A extends unknown[], R>(
  handler: (message: T, ...rest: A) => R,
): (carried: RuleCarrying<T>, ...rest: A) => R {
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
