import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { eventually, run } from '../processes';
import type { AppFigures, AppOptions } from './app';

/** The program of `app.ts` in a process of its own. */
export interface App {
  /** Returns how many errors OpenTelemetry has reported. */
  errors(): Promise<number>;
  /** Resolves when OpenTelemetry has reported `more` further errors. */
  moreErrors(more: number): Promise<void>;
  /** Ends the work of the rules and flushes all readers. */
  rest(): Promise<AppFigures>;
  /** Ends the process. Fails if its exit code is not 0 or if it printed anything. */
  end(): Promise<void>;
}

export async function startApp(options: AppOptions): Promise<App> {
  const app = run(process.execPath, [join(__dirname, 'app.js'), JSON.stringify(options)]);
  const [, url] = await app.waitFor(/^(http:.*)\n/);
  const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
  const errors = async (): Promise<number> => (await get('errors')) as number;
  return {
    errors,
    moreErrors: async (more) => {
      const before = await errors();
      await eventually(`${more} more errors`, async () =>
        (await errors()) >= before + more ? true : undefined,
      );
    },
    rest: async () => (await get('rest')) as AppFigures,
    end: async () => {
      assert.deepEqual(await app.stop(), { code: 0, signal: null }, app.output());
      assert.equal(app.output(), `${url}\n`);
    },
  };
}

/** Tolerance for what is systematic: CPU of other threads of the process, and of waking up. */
const SYSTEMATIC = 0.05;

/**
 * Asserts that the CPU of each rule is what it used. With 4 standard errors, fewer than 1 run in
 * 1,000 fails by chance, even if the stated errors of both rules are a tenth too small.
 */
export function assertRight({
  used,
  cpuTime,
  variance,
}: Omit<AppFigures, 'samples' | 'windows'>): void {
  assert.deepEqual(Object.keys(cpuTime).sort(), Object.keys(used).sort());
  for (const [rule, seconds] of Object.entries(used)) {
    const tolerance = 4 * Math.sqrt(variance[rule]!) + SYSTEMATIC * seconds;
    const found = `${rule}: ${cpuTime[rule]} s of ${seconds} s, tolerance ${tolerance} s`;
    assert.ok(Math.abs(cpuTime[rule]! - seconds) <= tolerance, found);
  }
}

/** Asserts that two sets of totals are equal up to rounding. */
export function assertSame(actual: Record<string, number>, expected: Record<string, number>): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    assert.ok(
      Math.abs(actual[key]! - value) <= 1e-9 * value,
      `${key}: ${actual[key]}, not ${value}`,
    );
  }
}

/** Resolves when `read` returns `expected` up to rounding. */
export async function becomesSame(
  read: () => Promise<Record<string, number>>,
  expected: Record<string, number>,
): Promise<void> {
  await eventually(`the totals ${JSON.stringify(expected)}`, async () => {
    assertSame(await read(), expected);
    return true;
  });
}
