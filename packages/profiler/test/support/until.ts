/** Fulfils when `done()`, which messages between threads bring about. @throws Error when it does not within 10 s. */
export async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s in vain for ${done}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
