import assert from 'node:assert/strict';
import { HttpError } from '../../src/http/endpoint';

/** Returns status and text of the `HttpError` that `action` throws. */
export function httpError(action: () => unknown): [status: number, text: string] {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof HttpError) return [thrown.status, thrown.message];
    throw thrown;
  }
  assert.fail('it threw no HttpError');
}

/** Returns status and text of the `HttpError` that `promise` rejects with. */
export async function httpErrorOf(
  promise: Promise<unknown>,
): Promise<[status: number, text: string]> {
  const outcome = await promise.then(
    () => () => undefined,
    (thrown: unknown) => () => {
      throw thrown;
    },
  );
  return httpError(outcome);
}
