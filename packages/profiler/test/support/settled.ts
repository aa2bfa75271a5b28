/** Fulfils when all microtasks that are due have run: consumers get their windows in microtasks. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
