import { types } from 'node:util';
import { diag } from '@opentelemetry/api';
import { functionOption, toError, warnOnce } from '@rulescope/profiler/internal';
import { bindSteps, withRule } from './rule';
import { type ArgumentsOf, type MethodName, wrapMethod } from './wrapMethod';

/**
 * Returns the rule of a call, or `undefined` if the call belongs to the rule of its caller.
 *
 * @param self `this` of the call; the target if the call is a `new`.
 * @param args Arguments of the call.
 */
export type RuleOf<T, A extends unknown[]> = (self: T, ...args: A) => string | undefined;

/**
 * Replaces a method by one that runs in a rule, in all objects that have or inherit it from
 * `target`. Use it for a library that calls its rules, jobs or handlers through one method:
 *
 *     wrapRule(Engine.prototype, 'runJob', (engine, job) => job.name);
 *
 * The new method passes `this`, `new`, the arguments, the result and the errors through. It has the
 * name, length and own properties of the old one. If the method is a generator function, sync or
 * async, each step of its generators runs in the rule.
 *
 * @param target Object that has the method, often the prototype of a class. A method that is a
 *   field of a class belongs to each instance.
 * @param method Name or symbol of the method.
 * @param ruleOf Called before each call. If it throws, a warning (code `RULESCOPE_RULE_OF`) says so
 *   once per process, and the method runs in the rule of its caller.
 * @returns A function that ends this. Further calls of it do nothing.
 * @throws InvalidOptionError (a `TypeError`) if `target` has no such method, if a getter returns
 *   it, or if it cannot be replaced because `target` is frozen or an ES module.
 */
export function wrapRule<T extends object, K extends MethodName<T>>(
  target: T,
  method: K,
  ruleOf: RuleOf<T, ArgumentsOf<T[K]>>,
): () => void {
  functionOption('ruleOf', ruleOf);
  return wrapMethod(target, method, (original) => {
    const isGenerator = types.isGeneratorFunction(original);
    return (call, self, args) => {
      const rule = safeRule(() => ruleOf(self, ...args));
      if (rule === undefined) return call();
      // The body of a generator runs when it is read.
      if (isGenerator) return bindSteps(call() as object, (step) => withRule(rule, step));
      return withRule(rule, call);
    };
  });
}

/** Never throws: the application calls this through the library. */
export function safeRule(ruleOf: () => string | undefined): string | undefined {
  try {
    return ruleOf();
  } catch (thrown) {
    const { message: reason } = toError(thrown);
    const message = `rulescope: ruleOf has thrown; the work stays in the rule of its caller: ${reason}`;
    if (warnOnce(message, 'RULESCOPE_RULE_OF')) diag.error(message);
    return undefined;
  }
}
