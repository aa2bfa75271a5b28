import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../processes';

/**
 * Runs a program of this folder and returns what it prints, as JSON. Fails if the program prints
 * anything else, such as a warning, or fails itself. A program that hangs is killed by mocha's hook.
 */
export async function program<T>(
  name: 'fakeTimers' | 'jump' | 'longStrings' | 'endedRule',
  ...args: readonly string[]
): Promise<T> {
  const nodeArgs = ['--disable-warning=ExperimentalWarning', join(__dirname, `${name}.js`)];
  const child = run(process.execPath, [...nodeArgs, ...args]);
  const ended = await child.ended;
  assert.deepEqual(ended, { code: 0, signal: null }, child.output());
  try {
    return JSON.parse(child.output()) as T;
  } catch {
    return assert.fail(child.output());
  }
}
