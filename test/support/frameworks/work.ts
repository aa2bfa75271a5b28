import { getRule } from 'rulescope';

/** Answers name their rule only on request: otherwise they must not depend on the adapter. */
const NAMES_RULES = process.env['ANSWERS_NAME_RULES'] === '1';

/** What a route of the applications answers. */
export interface Answer {
  readonly rule?: string | null;
  readonly result: number;
}

/** Works for some milliseconds, the same for all routes, after the flow has waited twice. */
export async function answer(): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.resolve();
  return named(burn());
}

/** Returns an answer without work. */
export function named(result: number): Answer {
  return NAMES_RULES ? { rule: getRule() ?? null, result } : { result };
}

function burn(): number {
  let x = 1;
  for (let i = 0; i < 1_000_000; i++) x = Math.sqrt(x + i);
  return x;
}

/** Says to the test that the application listens. */
export function listening(port: number): void {
  console.log(`listening on ${port}.`);
}
