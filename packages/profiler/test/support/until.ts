/**
 * Resolves when `done()` is true. Messages between threads make it true.
 *
 * @throws {Error} if it is still false after 10 s.
 */
export async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!done()) {
    if (performance.now() > deadline)
      throw new Error(`waited 10 s, but this is still false: ${done}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
