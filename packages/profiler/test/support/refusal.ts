import assert from 'node:assert/strict';
import { Refusal } from '../../src/http/Refusal';

/** Returns the status and the text of the refusal that `action` throws. */
export function refusal(action: () => unknown): [status: number, text: string] {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof Refusal) return [thrown.status, thrown.message];
    throw thrown;
  }
  assert.fail('it was not refused');
}

/** Does the same for a promise. */
export async function refusalOf(
  promise: Promise<unknown>,
): Promise<[status: number, text: string]> {
  const outcome = await promise.then(
    () => () => undefined,
    (thrown: unknown) => () => {
      throw thrown;
    },
  );
  return refusal(outcome);
}
