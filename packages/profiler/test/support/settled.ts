/** More than consumers that any test has: each gets its windows in a turn of the event loop of its own. */
const TURNS = 16;

/** Fulfils when all consumers have been called with the windows that are due. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
