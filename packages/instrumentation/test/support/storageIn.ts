import { AsyncLocalStorage } from 'node:async_hooks';

/** The `AsyncLocalStorage` in a property of `manager`. Patching the manager replaces it. */
export function storageIn(manager: object): unknown {
  return Object.values(manager).find((value) => value instanceof AsyncLocalStorage);
}
