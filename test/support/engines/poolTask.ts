/** The tasks of a Piscina pool. They know nothing of rules, but tell which they were in. */
import { getRule } from 'rulescope';
import { workInTurns } from './setup';

/** What a task returns. */
export interface Done {
  readonly value: number;
  readonly rules: readonly (string | null)[];
}

/** Does the units of work in turns of the loop. */
export default async function task(units: number): Promise<Done> {
  const before = getRule() ?? null;
  await workInTurns(units);
  return { value: 2 * units, rules: [before, getRule() ?? null] };
}

/** A handler with a name. It fails. */
export function refuse(units: number): never {
  throw new RangeError(`refused ${units} units`);
}
