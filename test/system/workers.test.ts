import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../support/processes';

const APP = join(__dirname, '..', 'support', 'workers', 'app.js');

/** Of five workers each. See CONTRIBUTING about the variable. */
const GENERATIONS = process.env['RULESCOPE_TEST_SCOPE'] === 'short' ? 1 : 4;

/** Runs a scenario of `support/workers/app.ts` in a process of its own, which must end by itself. */
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

    it('one scrape shows the rules of all threads', () => {
      const rules = ['a', 'b', 'main', 'pooled', 'posted', 'shared'];
      assert.deepEqual(Object.keys(cpu).sort(), rules);
      for (const rule of rules) assert.ok(cpu[rule]! > 0 && samples[rule]! > 0, rule);
    });

    it('a task takes its rule along, and one without has none', () => {
      assert.deepEqual(found.poolRules.sort(), ['none', 'pooled']);
      assert.ok(found.poolHits > 0, 'the thread of the pool was not sampled in its rule');
    });

    it('a rule has the share of its work', () => {
      // In the early worker 3 units for a to 1 for shared, in the late one 1 to 1 for b: shared = a / 3 + b. Each is binomial in
      // its hits; 4 standard errors on both sides fail by chance in 1 of 10,000. Equal work costs equal CPU to some percent.
      const expected = cpu['a']! / 3 + cpu['b']!;
      const relative = (rule: string): number => 1 / Math.sqrt(samples[rule]!);
      const error = expected * (relative('shared') + relative('a') + relative('b'));
      assertWithin(cpu['shared']!, expected, 4 * error + 0.05 * expected, 'shared');
    });

    it('the workers have the CPU that the kernel counted for their threads', () => {
      // Exact but for a tick of the scheduler at the first border and the last, and for what was used while the beginning of
      // sampling was not seen yet and, at the end, while the last window was closed and sent.
      found.sampled.forEach((sampled, i) => {
        assertWithin(sampled, found.used[i]!, 0.05 * found.used[i]! + 0.1, `worker ${i}`);
      });
      const rules = cpu['a']! + cpu['b']! + cpu['shared']! + cpu['posted']!;
      assert.ok(rules > 0.5 * sum(found.sampled) && rules <= sum(found.sampled), `${rules} s`);
    });

    it('the books close with the CPU of the process', () => {
      // Exact but for what was used since the last border and between the two readings at the beginning, some milliseconds of many
      // seconds.
      const total = sum(Object.values(found.values['rulescope.process.cpu.time']!));
      assertWithin(total, found.cpu, 0.01 * found.cpu, 'sum of all sources');
      assertWithin(
        found.values['rulescope.process.cpu.time']!['rule']!,
        sum(Object.values(cpu)),
        1e-6,
        'sum of all rules',
      );
    });

    it('no window failed but that of the pool, whose thread was terminated with it', () => {
      assert.equal(found.values['rulescope.windows']!['failed'], 1);
    });
  });

  it('one that is terminated in the midst of a window is counted once, and uses nothing any more', async () => {
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
  it(`${terminated + 1} come and go: each that was terminated is counted, the one that ended is not`, async () => {
    type Found = { windows: Series; workers: number };
    const found = await scenario<Found>('churn', String(GENERATIONS));
    assert.equal(found.windows['failed'], terminated);
    assert.equal(found.workers, 0);
  });

  it('without any setup they are left alone', async () => {
    const found = await scenario('untouched');
    assert.deepEqual(found, { found: { symbols: [], modules: 2 }, code: 0, windows: 0 });
  });

  it('are sampled exactly while somebody reads', async () => {
    assert.deepEqual(await scenario('idle'), { saidBefore: false });
  });
});
