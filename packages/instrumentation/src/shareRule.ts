import { functionOption } from '@rulescope/profiler/internal';
import { enterRules } from './rule';
import { rulesOf } from './sharedRules';

/**
 * Calls `fn` in several rules at once. The CPU of `fn`, and of all asynchronous work that it
 * starts, is divided among these rules by weight, except where another rule is entered. Use it for
 * work that is done once for several rules: a source, a decoder, a window. Afterwards the outer
 * rule is current again.
 *
 *     shareRule({ a: 2, b: 1 }, () => decode(message)); // two thirds for a
 *
 * A rule that is current is replaced. In `fn` no single rule is current: {@link getRule} returns
 * `undefined`, spans get no rule, and no rule travels to other threads and processes.
 *
 * @param weights Weight of each rule by its id, for 1 to 1,000 rules: finite numbers above 0. One
 *   rule alone is {@link withRule}. The object is read at each call, so it may change in between.
 *   Other weights give one warning per process on stderr (code `RULESCOPE_WEIGHTS`) and in `diag`,
 *   and `fn` runs in the current rule.
 * @returns What `fn` returns.
 * @throws What `fn` throws, or InvalidOptionError (a `TypeError`) if `fn` is no function.
 */
export function shareRule<R>(weights: Readonly<Record<string, number>>, fn: () => R): R {
  if (typeof fn !== 'function') functionOption('fn', fn);
  const rules = rulesOf(weights);
  return rules === undefined ? fn() : enterRules(rules, fn);
}
