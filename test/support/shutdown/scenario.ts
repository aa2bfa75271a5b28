import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../processes';

const APP = join(__dirname, 'app.js');

interface Expected {
  readonly code?: number;
  /** What stderr must have. Default: nothing. */
  readonly stderr?: RegExp;
  /** A file to load before the program. */
  readonly preload?: string;
}

/** Runs a scenario of `app.ts` in a child process, which must end by itself. */
export async function scenario<T>(name: string, expected: Expected = {}): Promise<T> {
  const { code = 0, stderr = /^$/, preload } = expected;
  const preloads = preload === undefined ? [] : ['--require', preload];
  const app = run(process.execPath, [...preloads, APP, name]);
  const errors: string[] = [];
  app.child.stderr!.on('data', (text: string) => errors.push(text));
  const output: string[] = [];
  app.child.stdout!.on('data', (text: string) => output.push(text));
  const ended = await app.ended;
  assert.deepEqual(ended, { code, signal: null }, app.output());
  assert.match(errors.join(''), stderr);
  return JSON.parse(output.join('')) as T;
}

/**
 * Asserts that `actual` CPU of a rule is what it used, neither lost nor doubled. A piece of work has
 * 30 hits. If a quarter of the CPU is not the rule's, the standard error is 9 %, and less than 1 run
 * in 1,000 fails by chance.
 */
export function assertCpu(actual: number | undefined, used: number, what: string): void {
  assert.ok(
    actual !== undefined && actual > 0.7 * used && actual < 1.3 * used + 0.05,
    `${what}: ${actual} s of ${used} s`,
  );
}
