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
  if (promisify.custom in from) {
    // Read when it is needed: it can be a getter, and what promisify() returns names itself here.
    const get = (): unknown => {
      const promisified = from[promisify.custom];
      return typeof promisified === 'function' ? wrap(promisified as AnyFunction) : promisified;
    };
    Object.defineProperty(to, promisify.custom, { get, configurable: true });
  }
  // Arrow functions and methods have no `prototype`. That of `to` cannot be deleted.
  if (!Object.hasOwn(from, 'prototype'))
    Object.defineProperty(to, 'prototype', { value: undefined });
  const inherited = Object.getPrototypeOf(from) as object | null;
  if (inherited !== Function.prototype) Object.setPrototypeOf(to, inherited);
}
