import { diag } from '@opentelemetry/api';
import { InvalidOptionError, functionOption, warnOnce } from '@rulescope/profiler/internal';
import { withRule } from './rule';

type Method = (...args: never[]) => unknown;
/** The names of the methods of `T`. */
type MethodName<T> = { [K in keyof T]-?: T[K] extends Method ? K : never }[keyof T];
type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;

/**
 * Returns the rule of a call, or `undefined` if the call belongs to the rule of its caller.
 *
 * @param self `this` of the call.
 * @param args Arguments of the call.
 */
export type RuleOf<T, A extends unknown[]> = (self: T, ...args: A) => string | undefined;

/**
 * Replaces a method by one that runs in a rule, in all objects that have or inherit it from
 * `target`. Use it for a library that calls its rules, jobs or handlers through one method:
 *
 *     wrapRule(Engine.prototype, 'runJob', (engine, job) => job.name);
 *
 * The new method passes `this`, the arguments, the result and the errors through.
 *
 * @param target Object that has the method, often the prototype of a class.
 * @param method Name of the method.
 * @param ruleOf Called before each call. If it throws, a warning (code `RULESCOPE_RULE_OF`) says so
 *   once per process, and the method runs in the rule of its caller.
 * @returns A function that ends this. Further calls of it do nothing.
 * @throws InvalidOptionError (a `TypeError`) if `target` has no such method.
 */
export function wrapRule<T extends object, K extends MethodName<T>>(
  target: T,
  method: K,
  ruleOf: RuleOf<T, ArgumentsOf<T[K]>>,
): () => void {
  functionOption('ruleOf', ruleOf);
  const original: unknown = target[method];
  if (typeof original !== 'function') {
    throw new InvalidOptionError('method', original, `the name of a method of the target`);
  }
  let active = true;
  const wrapped = function (this: T, ...args: never[]): unknown {
    const call = (): unknown => (original as Method).apply(this, args);
    const rule = active
      ? safeRule(() => ruleOf(this, ...(args as unknown as ArgumentsOf<T[K]>)))
      : undefined;
    return rule === undefined ? call() : withRule(rule, call);
  };
  const property = Object.getOwnPropertyDescriptor(target, method);
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  // Some libraries ask whether a function is an AsyncFunction.
  Object.setPrototypeOf(wrapped, Object.getPrototypeOf(original) as object | null);
  Object.defineProperty(target, method, {
    configurable: true,
    writable: true,
    enumerable: property?.enumerable ?? false,
    value: wrapped,
  });
  return () => {
    active = false;
    // Another tool may have wrapped the method since, and would lose its own wrapper.
    if ((target[method] as unknown) !== wrapped) return;
    if (property === undefined) delete target[method];
    else Object.defineProperty(target, method, property);
  };
}

/** Never throws: the application calls this through the library. */
export function safeRule(ruleOf: () => string | undefined): string | undefined {
  try {
    return ruleOf();
  } catch (thrown) {
    const message = `rulescope: ruleOf has thrown; the work stays in the rule of its caller: ${String(thrown)}`;
    if (warnOnce(message, 'RULESCOPE_RULE_OF')) diag.error(message);
    return undefined;
  }
}
