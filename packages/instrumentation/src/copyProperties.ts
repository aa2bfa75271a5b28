import { promisify } from 'node:util';

type AnyFunction = (...args: never[]) => unknown;
/** A function can have another one that `promisify` returns. */
type CustomPromisify = AnyFunction & { readonly [promisify.custom]?: unknown };

/**
 * Gives `to` the own properties of `from` and what `from` inherits.
 *
 * @param wrap Wraps the function that `promisify(from)` returns, which would go past `to`.
 */
export function copyProperties(
  from: CustomPromisify,
  to: AnyFunction,
  wrap: (promisified: AnyFunction) => AnyFunction,
): void {
  for (const key of Reflect.ownKeys(from)) {
    // Functions in sloppy mode have the first two, which belong to the calls of that function.
    if (key === 'arguments' || key === 'caller' || key === promisify.custom) continue;
    const property = Object.getOwnPropertyDescriptor(from, key);
    if (property !== undefined) Object.defineProperty(to, key, property);
  }
  const promisified = from[promisify.custom];
  if (typeof promisified === 'function') {
    // What promisify() has returned names itself here.
    const value = promisified === from ? to : wrap(promisified as AnyFunction);
    Object.defineProperty(to, promisify.custom, { value, configurable: true });
  }
  // Arrow functions and methods have no `prototype`. That of `to` cannot be deleted.
  if (!Object.hasOwn(from, 'prototype'))
    Object.defineProperty(to, 'prototype', { value: undefined });
  const inherited = Object.getPrototypeOf(from) as object | null;
  if (inherited !== Function.prototype) Object.setPrototypeOf(to, inherited);
}
