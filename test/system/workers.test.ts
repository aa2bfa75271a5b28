import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../support/processes';

const APP = join(__dirname, '..', 'support', 'workers', 'app.js');

/** Number of generations of five workers. CONTRIBUTING.md describes the variable. */
const GENERATIONS = process.env['RULESCOPE_TEST_SCOPE'] === 'short' ? 1 : 4;

/** Runs a scenario of `support/workers/app.ts` in a child process, which must end by itself. */
async function scenario<T>(...args: string[]): Promise<T> {
  const app = run(process.execPath, [APP, ...args]);
  const { code, signal } = await app.ended;
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, app.output());
  return JSON.parse(app.output()) as T;
}

type Series = Record<string, number>;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}

function assertWithin(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${what}: ${actual}, expected ${expected} ± ${tolerance}`,
  );
}

describe('worker threads', () => {
  describe('with rules in the main thread, in two workers and in a Piscina pool', () => {
    let found: {
      values: Record<string, Series>;
      cpu: number;
      used: number[];
      sampled: number[];
      poolRules: string[];
      poolHits: number;
    };
    let cpu: Series;
    let samples: Series;

    before(async () => {
      found = await scenario('books');
      cpu = found.values['rulescope.rule.cpu.time']!;
      samples = found.values['rulescope.rule.cpu.samples']!;
    });

    it('shows the rules of all threads in one scrape', () => {
      const rules = ['a', 'b', 'main', 'pooled', 'posted', 'shared'];
      assert.deepEqual(Object.keys(cpu).sort(), rules);
      for (const rule of rules) assert.ok(cpu[rule]! > 0 && samples[rule]! > 0, rule);
    });

    it('gives a pool task the rule of its caller, and no rule if the caller has none', () => {
      assert.deepEqual(found.poolRules.sort(), ['none', 'pooled']);
      assert.ok(found.poolHits > 0, 'the thread of the pool has no samples with the rule');
    });

    it('gives each rule the CPU of its work', () => {
      // The early worker does 3 units for `a` per unit for `shared`, the late worker 1 for `b`:
      // shared = a / 3 + b. The hits are binomial, so 4 standard errors fail 1 run in 10,000. Equal
      // work costs equal CPU to within some percent.
      const expected = cpu['a']! / 3 + cpu['b']!;
      const relative = (rule: string): number => 1 / Math.sqrt(samples[rule]!);
      const error = expected * (relative('shared') + relative('a') + relative('b'));
      assertWithin(cpu['shared']!, expected, 4 * error + 0.05 * expected, 'shared');
    });

    it('gives workers the CPU that the kernel counted for their threads', () => {
      // Exact except for a tick of the scheduler at the first and the last boundary, the CPU before
      // the worker saw that sampling had started, and the CPU while the last window closed.
      found.sampled.forEach((sampled, i) => {
        assertWithin(sampled, found.used[i]!, 0.05 * found.used[i]! + 0.1, `worker ${i}`);
      });
      const rules = cpu['a']! + cpu['b']! + cpu['shared']! + cpu['posted']!;
      assert.ok(rules > 0.5 * sum(found.sampled) && rules <= sum(found.sampled), `${rules} s`);
    });

    it('has sources that sum to the CPU of the process', () => {
      // Exact except for the CPU used since the last boundary and between the two readings at the
      // start: some milliseconds of many seconds.
      const total = sum(Object.values(found.values['rulescope.process.cpu.time']!));
      assertWithin(total, found.cpu, 0.01 * found.cpu, 'sum of all sources');
      assertWithin(
        found.values['rulescope.process.cpu.time']!['rule']!,
        sum(Object.values(cpu)),
        1e-6,
        'sum of all rules',
      );
    });

    it('has one failed window, because closing the pool terminates its thread', () => {
      assert.equal(found.values['rulescope.windows']!['failed'], 1);
    });
  });

  it('count a worker that is terminated within a window once, and then show no CPU for it', async () => {
    const found = await scenario<{
      windows: Series;
      errors: string[];
      lastHasError: boolean;
      usage: Series;
    }>('terminated');
    assert.equal(found.windows['failed'], 1);
    assert.deepEqual(found.errors, ['WorkerLostError']);
    assert.equal(found.lastHasError, true);
    assert.deepEqual(found.usage, { a: 0 });
  });

  const terminated = 5 * GENERATIONS;
  it(`count each of ${terminated} terminated workers, but not the one that ended by itself`, async () => {
    type Found = { windows: Series; workers: number };
    const found = await scenario<Found>('churn', String(GENERATIONS));
    assert.equal(found.windows['failed'], terminated);
    assert.equal(found.workers, 0);
  });

  it('are not sampled or changed without setup', async () => {
    const found = await scenario('untouched');
    assert.deepEqual(found, { found: { symbols: [], modules: 2 }, code: 0, windows: 0 });
  });

  it('are sampled only while the collector has a consumer', async () => {
    assert.deepEqual(await scenario('idle'), { sampledBefore: false });
  });
});
