/**
 * Number of turns of the event loop to wait. It is larger than the number of consumers in any test,
 * and each consumer gets its windows in a turn of its own.
 */
const TURNS = 16;

/** Resolves when all consumers have received the windows that are due. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
