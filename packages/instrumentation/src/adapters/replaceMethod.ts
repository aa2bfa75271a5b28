/** What a replaced method does. `call` calls the original with the same `this`. */
export type Around<T> = (
  self: T,
  args: unknown[],
  call: (...args: unknown[]) => unknown,
) => unknown;

/**
 * Replaces a method in all objects that have or inherit it from `target`. The new method has the
 * name, the length and the properties of the original. Unlike `_wrap` of `InstrumentationBase`, this
 * keeps wrappers of other instrumentations, and theirs keep this one.
 */
export function replaceMethod<T extends object>(
  target: T,
  method: string,
  around: Around<T>,
): void {
  const original = (target as Record<string, unknown>)[method] as (...args: unknown[]) => unknown;
  const replacement = function (this: T, ...args: unknown[]): unknown {
    return around(this, args, (...passed) => original.apply(this, passed));
  };
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(target, method, {
    configurable: true,
    writable: true,
    enumerable: Object.getOwnPropertyDescriptor(target, method)?.enumerable ?? false,
    value: replacement,
  });
}
