import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../processes';
import type { TestServer } from '../servers/startServer';
import type { AdapterState, Library, MeasuredCpu, Part, RuleCpu, SeenRules } from './app';

/**
 * `light` opens the connection and asks for little, 1 % of the CPU at most. Each run has 300 hits or
 * more: one in 10^6 has 5 % of them in `light`.
 */
const MAX_SHARE_OF_OPENER = 0.05;
/**
 * 10 to 20 % of the CPU of JavaScript belongs to no rule: wake-ups, the connection, the end of each
 * window. One run in 10^7 has more than a third.
 */
const MIN_SHARE_OF_RULES = 2 / 3;
/**
 * Standard errors that a difference may have. For a normal distribution, one run in 15,000 has a
 * larger one; if the true error is 1.2 times the exported one, one in 1,200.
 */
const MAX_ERRORS = 4;

const NOTHING: RuleCpu = { seconds: 0, variance: 0 };

/** Runs a part of `app.ts` and returns what it found. */
export async function runPool<T>(
  library: Library,
  path: string,
  port: number,
  part: Part,
  adapter: AdapterState = 'on',
  nodeArgs: readonly string[] = [],
): Promise<T> {
  const program = [join(__dirname, 'app.js'), library, path, String(port), adapter, part];
  const app = run(process.execPath, [...nodeArgs, ...program]);
  const [, found] = await app.waitFor(/^found (.*)\n/m);
  assert.deepEqual(await app.ended, { code: 0, signal: null }, app.output());
  return JSON.parse(found!) as T;
}

/**
 * Defines the tests of an adapter.
 *
 * @param path Path to load the library by.
 * @param callbacks Names of all callbacks that the rules must be seen in.
 */
export function testPool(
  library: Library,
  path: string,
  start: () => Promise<TestServer>,
  callbacks: readonly string[],
): void {
  describe(`a pool of ${library}`, function () {
    this.timeout(120_000);
    let server: TestServer;
    before(async () => (server = await start()));
    after(() => server.stop());

    const runPart = <T>(part: Part, adapter: AdapterState = 'on'): Promise<T> =>
      runPool<T>(library, path, server.port, part, adapter);

    it('calls back in the rule and the Context that asked', async () => {
      const { right, wrong } = await runPart<SeenRules>('rules');
      assert.deepEqual(wrong, []);
      assert.deepEqual(right, [...callbacks].sort());
    });

    it('charges CPU to the rules that asked, in proportion', async () => {
      const cpu = await runPart<MeasuredCpu>('cpu');
      const { light = NOTHING, heavy = NOTHING, one = NOTHING, three = NOTHING } = cpu;
      const inRules = light.seconds + heavy.seconds + one.seconds + three.seconds;
      const found = JSON.stringify(cpu);
      assert.ok(light.seconds < MAX_SHARE_OF_OPENER * inRules, found);
      assert.ok(inRules > MIN_SHARE_OF_RULES * (inRules + cpu['unlabeled']!.seconds), found);
      const difference = Math.abs(three.seconds - 3 * one.seconds);
      const error = Math.sqrt(three.variance + 9 * one.variance);
      assert.ok(one.seconds > 0 && difference < MAX_ERRORS * error, found);
    });

    it('gives the same results with the adapter, without it, and while it is disabled', async () => {
      const results = await runPart('results', 'none');
      assert.deepEqual(await runPart('results'), results);
      assert.deepEqual(await runPart('results', 'disabled'), results);
    });
  });
}
