import { types } from 'node:util';
import { diag } from '@opentelemetry/api';
import {
  InvalidOptionError,
  functionOption,
  toError,
  warnOnce,
} from '@rulescope/profiler/internal';
import { bindSteps, copyProperties, withRule } from './rule';

type Method = (...args: never[]) => unknown;
/** The names of the methods of `T`. */
type MethodName<T> = { [K in keyof T]-?: T[K] extends Method ? K : never }[keyof T];
type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;

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
 * The new method passes `this`, `new`, the arguments, the result and the errors through, and has the
 * name, length and own properties of the old one. If the method is a generator function, sync or
 * async, each step of its generators runs in the rule.
 *
 * @param target Object that has the method, often the prototype of a class. A method that is written
 *   as a field of a class belongs to each instance.
 * @param method Name or symbol of the method.
 * @param ruleOf Called before each call. If it throws, a warning (code `RULESCOPE_RULE_OF`) says so
 *   once per process, and the method runs in the rule of its caller.
 * @returns A function that ends this. Further calls of it do nothing.
 * @throws InvalidOptionError (a `TypeError`) if `target` has no such method, if a getter returns it,
 *   or if it cannot be replaced because `target` is frozen or an ES module.
 */
export function wrapRule<T extends object, K extends MethodName<T>>(
  target: T,
  method: K,
  ruleOf: RuleOf<T, ArgumentsOf<T[K]>>,
): () => void {
  functionOption('ruleOf', ruleOf);
  const original = findMethod(target, method);
  const isGenerator = types.isGeneratorFunction(original);
  let active = true;
  const wrapped = function (this: T, ...args: never[]): unknown {
    const create = new.target === wrapped ? original : new.target;
    const call = (): unknown =>
      create === undefined ? original.apply(this, args) : Reflect.construct(original, args, create);
    const self = create === undefined ? this : target;
    const rule = active
      ? safeRule(() => ruleOf(self, ...(args as unknown as ArgumentsOf<T[K]>)))
      : undefined;
    if (rule === undefined) return call();
    // The body of a generator runs when it is read.
    if (isGenerator) return bindSteps(call() as object, (step) => withRule(rule, step));
    return withRule(rule, call);
  };
  copyProperties(original, wrapped);
  const property = Object.getOwnPropertyDescriptor(target, method);
  const attributes = property ?? { configurable: true, writable: true, enumerable: false };
  if (!Reflect.defineProperty(target, method, { ...attributes, value: wrapped })) {
    throw new InvalidOptionError('target', target, 'an object whose methods can be replaced');
  }
  return () => {
    active = false;
    // Another tool may have wrapped the method since, and would lose its own wrapper.
    if ((target[method] as unknown) !== wrapped) return;
    if (property === undefined) Reflect.deleteProperty(target, method);
    else Reflect.defineProperty(target, method, property);
  };
}

/** Returns the method that `target` has or inherits. Calls no getter: it may need an instance. */
function findMethod(target: object, method: PropertyKey): Method {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw new InvalidOptionError('target', target, 'an object');
  }
  let owner: object | null = target;
  while (owner !== null && !Object.hasOwn(owner, method)) {
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  const property = owner === null ? undefined : Object.getOwnPropertyDescriptor(owner, method);
  if (typeof property?.value === 'function') return property.value as Method;
  throw new InvalidOptionError('method', method, 'the name of a method of the target');
}

/** Never throws: the application calls this through the library. */
function safeRule(ruleOf: () => string | undefined): string | undefined {
  try {
    return ruleOf();
  } catch (thrown) {
    const { message: reason } = toError(thrown);
    const message = `rulescope: ruleOf has thrown; the work stays in the rule of its caller: ${reason}`;
    if (warnOnce(message, 'RULESCOPE_RULE_OF')) diag.error(message);
    return undefined;
  }
}
