import { InvalidOptionError } from '@rulescope/profiler/internal';
import { copyProperties } from './copyProperties';

type Method = (...args: never[]) => unknown;
type Constructor = abstract new (...args: never[]) => unknown;
/** The names of the methods of `T`, optional ones too, and of the classes that it has. */
export type MethodName<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends Method | Constructor ? K : never;
}[keyof T];
export type ArgumentsOf<F> =
  NonNullable<F> extends (...args: infer A) => unknown
    ? A
    : NonNullable<F> extends abstract new (...args: infer A) => unknown
      ? A
      : never;

/**
 * Does a call of a wrapped method.
 *
 * @param call Calls the original with the same `this` and `new`. Default: with the same arguments.
 * @param self `this` of the call; the target if the call is a `new`.
 * @param args Arguments of the call.
 */
type Around<T, A> = (call: (passed?: readonly unknown[]) => unknown, self: T, args: A) => unknown;

/**
 * Replaces a method of `target` by one that calls `around`. It has the name, length and own
 * properties of the original.
 *
 * @returns A function that ends this. Further calls of it do nothing.
 * @throws InvalidOptionError if `target` has no such method, if a getter returns it, or if it
 *   cannot be replaced.
 */
export function wrapMethod<T extends object, K extends MethodName<T>>(
  target: T,
  method: K,
  around: (original: Method) => Around<T, ArgumentsOf<T[K]>>,
): () => void {
  let active = true;
  const wrap = (original: Method): Method => {
    const aroundOriginal = around(original);
    const wrapped = function (this: T, ...args: never[]): unknown {
      const create = new.target === wrapped ? original : new.target;
      const call = (passed: readonly unknown[] = args): unknown =>
        create === undefined
          ? original.apply(this, passed as never[])
          : Reflect.construct(original, passed, create);
      if (!active) return call();
      const self = create === undefined ? this : target;
      return aroundOriginal(call, self, args as unknown as ArgumentsOf<T[K]>);
    };
    copyProperties(original, wrapped, wrap);
    return wrapped;
  };
  const original = findMethod(target, method);
  const wrapped = wrap(original);
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
