/** Handlers of a Piscina pool: as functions of a module, asynchronous, and as a promise. */
import { getRule } from '../../src/rule';

type Handled = [unknown, string | undefined];

export default function handle(task: unknown): Handled {
  return [task, getRule()];
}

export async function later(task: unknown): Promise<Handled> {
  await Promise.resolve();
  return handle(task);
}

export const promised = Promise.resolve(handle);

export function fails(): never {
  throw new RangeError('failed');
}
