import assert from 'node:assert/strict';
import type { RuleFigures, RuleShare } from '../src/RuleFigures';
import { RuleSeries } from '../src/RuleSeries';
import type { SeriesLimits } from '../src/options';
import { Random } from './support/Random';
import { assertClose } from './support/assertClose';

type Shares = Readonly<Record<string, number>>;

/** Returns shares with one hit per 10 ms of CPU and a relative standard error of 0.1. */
function sharesOf(cpuSeconds: Shares): Map<string, RuleShare> {
  return new Map(
    Object.entries(cpuSeconds).map(([id, seconds]) => [
      id,
      {
        cpuSeconds: seconds,
        hits: Math.round(seconds * 100),
        standardErrorSeconds: seconds / 10,
      },
    ]),
  );
}

function seriesWith(limits: Partial<SeriesLimits> = {}): RuleSeries {
  return new RuleSeries(
    { maxActiveSeries: 2, maxLifetimeSeries: 10, retireAfterWindows: 3, ...limits },
    1,
  );
}

/** Adds windows of one second. */
function feed(series: RuleSeries, ...windows: Shares[]): void {
  for (const window of windows) series.update(sharesOf(window), 1);
}

const ids = (series: RuleSeries): string[] => [...series.rules.keys()].sort();

describe('RuleSeries', () => {
  it('starts empty, without a bucket for other rules', () => {
    const series = seriesWith();
    assert.equal(series.rules.size, 0);
    assert.equal(series.other, undefined);
  });

  it('sums CPU and hits of a rule; the usage is the CPU of the last window divided by its length', () => {
    const series = seriesWith();
    series.update(sharesOf({ a: 0.5 }), 1);
    assert.deepEqual(series.rules.get('a')?.usage, 0.5);
    series.update(sharesOf({ a: 0.25 }), 0.5);
    const figures = series.rules.get('a');
    assertClose(figures?.cpuSeconds, 0.75);
    assert.equal(figures?.hits, 75);
    assertClose(figures.usage, 0.5);
    series.update(sharesOf({}), 1);
    assert.equal(series.rules.get('a')?.usage, 0);
    assertClose(series.rules.get('a')?.cpuSeconds, 0.75);
  });

  it('sums the variance of a rule; the standard error is the one of the last window', () => {
    const series = seriesWith();
    series.update(sharesOf({ a: 0.5 }), 1);
    assertClose(series.rules.get('a')?.variance, 0.05 ** 2);
    assertClose(series.rules.get('a')?.standardError, 0.05);
    series.update(sharesOf({ a: 0.2 }), 0.5);
    assertClose(series.rules.get('a')?.variance, 0.05 ** 2 + 0.02 ** 2);
    assertClose(series.rules.get('a')?.standardError, 0.04);
    series.update(sharesOf({}), 1);
    assertClose(series.rules.get('a')?.variance, 0.05 ** 2 + 0.02 ** 2);
    assert.equal(series.rules.get('a')?.standardError, 0);
  });

  it('adds the errors of several threads, and of the other rules, in squares', () => {
    const series = seriesWith({ maxActiveSeries: 1 });
    series.update(sharesOf({ a: 4, b: 0.3, c: 0.4 }), 1);
    series.updateWorker(1, sharesOf({ a: 3 }), 1);
    assertClose(series.rules.get('a')?.variance, 0.4 ** 2 + 0.3 ** 2);
    assertClose(series.rules.get('a')?.standardError, 0.5);
    assertClose(series.other?.variance, 0.03 ** 2 + 0.04 ** 2);
    assertClose(series.other?.standardError, 0.05);
    series.forgetWorker(1);
    assertClose(series.rules.get('a')?.standardError, 0.4);
  });

  it('a window of zero length has no usage, and its CPU counts', () => {
    const series = seriesWith({ maxActiveSeries: 1 });
    series.update(sharesOf({ a: 0.5, b: 0.25 }), 0);
    for (const figures of [series.rules.get('a'), series.other]) {
      assert.equal(figures?.usage, 0);
      assert.equal(figures.standardError, 0);
    }
    assert.equal(series.rules.get('a')?.cpuSeconds, 0.5);
    assertClose(series.rules.get('a')?.variance, 0.05 ** 2);
  });

  describe('a place among the active series', () => {
    it('goes to the rules with the most CPU when more come at once than there is room for', () => {
      const series = seriesWith();
      feed(series, { a: 0.1, b: 0.3, c: 0.2, d: 0.05 });
      assert.deepEqual(ids(series), ['b', 'c']);
      assertClose(series.other?.cpuSeconds, 0.15);
      assert.equal(series.other?.hits, 15);
      assertClose(series.other.usage, 0.15);
    });

    it('stays with a rule when a newcomer uses up to twice as much', () => {
      const series = seriesWith();
      feed(series, { a: 0.1, b: 0.3 }, { a: 0.1, b: 0.3, c: 0.2 });
      assert.deepEqual(ids(series), ['a', 'b']);
      assertClose(series.other?.cpuSeconds, 0.2);
    });

    it('goes from the weakest rule to a newcomer that uses clearly more', () => {
      const series = seriesWith();
      feed(series, { a: 0.1, b: 0.3 }, { a: 0.1, b: 0.3, c: 0.21 });
      assert.deepEqual(ids(series), ['b', 'c']);
      assert.equal(series.other, undefined);
    });

    it('depends on several windows: after one idle window a rule does not lose it to an equal', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, ...Array<Shares>(20).fill({ a: 0.2 }), { b: 0.2 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('depends on CPU per whole window, however many windows end early', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      for (let i = 0; i < 80; i++) series.update(sharesOf({ a: 0.03125 }), 0.125);
      feed(series, { a: 0.25, b: 0.375 });
      assert.deepEqual(ids(series), ['a']);
      feed(series, { a: 0.25, b: 0.75 });
      assert.deepEqual(ids(series), ['b']);
    });

    it('does not go to a newcomer because its window was long', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      series.update(sharesOf({ a: 1, b: 1.5 }), 4);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({ a: 1, b: 3 }), 4);
      assert.deepEqual(ids(series), ['b']);
      // From now on a newcomer is compared with what b used per whole window.
      feed(series, { b: 0.75, c: 1.75 });
      assert.deepEqual(ids(series), ['c']);
    });

    it('goes to a newcomer that uses clearly more, however short the windows are', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      series.update(sharesOf({ a: 0.0625, b: 0.1 }), 0.25);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({ a: 0.0625, b: 0.15 }), 0.25);
      assert.deepEqual(ids(series), ['b']);
    });

    it('does not go to a newcomer because of a window of almost zero length', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      for (const seconds of [0, 0.01]) series.update(sharesOf({ b: 0.01 }), seconds);
      assert.deepEqual(ids(series), ['a']);
    });

    it('a short window without the rule lowers its recent CPU by as much less', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, ...Array<Shares>(20).fill({ a: 0.2 }));
      for (let i = 0; i < 8; i++) series.update(sharesOf({}), 0.125);
      feed(series, { b: 0.25 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('a window that is too long lowers the recent CPU no more than a whole one', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, ...Array<Shares>(20).fill({ a: 0.2 }));
      series.update(sharesOf({}), 50);
      feed(series, { b: 0.25 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('a window of zero length does not change the recent CPU', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      series.update(sharesOf({ a: 0.125 }), 0);
      feed(series, { a: 0.25, b: 0.375 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('does not change between rules that use about the same', () => {
      const series = seriesWith({ maxActiveSeries: 1, retireAfterWindows: 100 });
      const random = new Random(7);
      let changes = 0;
      let holder = '';
      for (let i = 0; i < 500; i++) {
        feed(series, { a: 0.1 + 0.02 * random.next(), b: 0.1 + 0.02 * random.next() });
        if (ids(series)[0] !== holder) changes++;
        holder = ids(series)[0] ?? '';
      }
      assert.equal(changes, 1);
    });

    it('a rule that lost its place continues its series when it returns', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.1 }, { a: 0.1, b: 0.9 });
      assert.deepEqual(ids(series), ['b']);
      feed(series, {}, { a: 5 });
      assert.deepEqual(ids(series), ['a']);
      assertClose(series.rules.get('a')?.cpuSeconds, 5.2);
      assert.equal(series.rules.get('a')?.hits, 520);
      assertClose(series.rules.get('a')?.variance, 0.01 ** 2 + 0.01 ** 2 + 0.5 ** 2);
    });

    it('the usage of a returned rule does not include the window in which it lost its place', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.1 }, { a: 0.1, b: 0.9 }, { a: 5 });
      assertClose(series.rules.get('a')?.usage, 5);
    });

    it('CPU of a rule without a series stays with the other rules', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.2 }, { a: 0.2, b: 0.3 }, { a: 0.2, b: 4 });
      assert.deepEqual(ids(series), ['b']);
      assertClose(series.rules.get('b')?.cpuSeconds, 4);
      assertClose(series.other?.cpuSeconds, 0.3);
      assert.equal(series.other?.usage, 0);
    });
  });

  describe('retirement', () => {
    it('drops a series after that many windows without a hit', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {});
      assert.deepEqual(ids(series), ['a']);
      feed(series, {});
      assert.deepEqual(ids(series), []);
    });

    it('starts to count at the last hit', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {}, { a: 1 }, {}, {});
      assert.deepEqual(ids(series), ['a']);
    });

    it('counts the time of whole windows, however many windows end early', () => {
      const series = seriesWith();
      feed(series, { a: 1 });
      for (let i = 0; i < 23; i++) series.update(sharesOf({}), 0.125);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({}), 0.125);
      assert.deepEqual(ids(series), []);
    });

    it('counts a window that is too long as one', () => {
      const series = seriesWith();
      feed(series, { a: 1 });
      series.update(sharesOf({}), 100);
      series.update(sharesOf({}), 100);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({}), 100);
      assert.deepEqual(ids(series), []);
    });

    it('counts windows that are a little too short as whole ones', () => {
      const series = seriesWith();
      feed(series, { a: 1 });
      for (let i = 0; i < 3; i++) series.update(sharesOf({}), 0.999);
      assert.deepEqual(ids(series), []);
    });

    it('starts to count again after a return', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {}, {}, { a: 1 }, {}, {});
      assert.deepEqual(ids(series), ['a']);
      feed(series, {});
      assert.deepEqual(ids(series), []);
    });

    it('a rule that returns continues its series', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {}, {}, { a: 0.5 });
      const figures = series.rules.get('a');
      assertClose(figures?.cpuSeconds, 1.5);
      assert.equal(figures?.hits, 150);
      assertClose(figures.usage, 0.5);
    });

    it('makes room for another rule', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 1 }, {}, {}, {}, { b: 0.01 });
      assert.deepEqual(ids(series), ['b']);
    });

    it('drops a series after the first window without a hit if the limit is 1', () => {
      const series = seriesWith({ retireAfterWindows: 1 });
      feed(series, { a: 1 }, {});
      assert.deepEqual(ids(series), []);
    });
  });

  describe('a series that has ended', () => {
    const ended = (series: RuleSeries, since = 0): string[] =>
      [...series.endedSince(since)].map(([id]) => id);
    const usageOf = (series: RuleSeries, id: string): number | undefined =>
      new Map(series.endedSince(0)).get(id)?.usage;

    it('is yielded with its last sums and without a usage, until its rule returns', () => {
      const series = seriesWith({ maxActiveSeries: 1, retireAfterWindows: 1 });
      feed(series, { a: 1 });
      assert.deepEqual(ended(series), []);
      feed(series, {});
      assert.deepEqual(ended(series), ['a']);
      assertClose(new Map(series.endedSince(0)).get('a')?.cpuSeconds, 1);
      const since = series.endings;
      feed(series, { b: 1 }, {});
      assert.deepEqual(ended(series, since), ['b']);
      assert.deepEqual(ended(series), ['a', 'b']);
      feed(series, { a: 1 });
      assert.deepEqual(ended(series), ['b']);
      feed(series, {});
      assert.deepEqual(ended(series, since), ['b', 'a']);
      assert.deepEqual(ended(series, series.endings), []);
    });

    it('has no usage, also not for the window in which a newcomer took its place', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      series.updateWorker(1, sharesOf({ a: 0.1 }), 1);
      feed(series, { a: 0.1 }, { a: 0.1, b: 0.9 });
      assert.equal(usageOf(series, 'a'), 0);
      series.updateWorker(1, sharesOf({}), 1);
      assert.equal(usageOf(series, 'a'), 0);
      assertClose(series.rules.get('b')?.usage, 0.9);
    });

    it('has no usage after a worker takes its place for another rule', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.1 });
      series.updateWorker(1, sharesOf({ a: 0.1, b: 0.9 }), 1);
      assert.equal(usageOf(series, 'a'), 0);
      feed(series, {});
      assert.equal(usageOf(series, 'a'), 0);
    });
  });

  it('endUsage() ends the usage of all rules until the next window', () => {
    const series = seriesWith({ maxActiveSeries: 1 });
    series.update(sharesOf({ a: 1, b: 0.5 }), 1);
    series.updateWorker(1, sharesOf({ a: 1, b: 0.5 }), 1);
    series.endUsage();
    for (const figures of [series.rules.get('a'), series.other]) {
      assert.deepEqual([figures?.usage, figures?.standardError], [0, 0]);
    }
    feed(series, { a: 1 });
    assert.equal(series.rules.get('a')?.usage, 1);
  });

  describe('the lifetime limit', () => {
    it('counts rules beyond it as other rules, even if there is room and they use much', () => {
      const series = seriesWith({
        maxActiveSeries: 2,
        maxLifetimeSeries: 2,
        retireAfterWindows: 1,
      });
      feed(series, { a: 1, b: 1 }, {}, { c: 9 });
      assert.deepEqual(ids(series), []);
      assertClose(series.other?.cpuSeconds, 9);
    });

    it('does not exclude a rule that had a series', () => {
      const series = seriesWith({
        maxActiveSeries: 2,
        maxLifetimeSeries: 2,
        retireAfterWindows: 1,
      });
      feed(series, { a: 1, b: 1 }, {}, { b: 1, c: 1 });
      assert.deepEqual(ids(series), ['b']);
      assertClose(series.rules.get('b')?.cpuSeconds, 2);
    });

    it('retires no rule in favor of an excluded one', () => {
      const series = seriesWith({ maxActiveSeries: 2, maxLifetimeSeries: 2 });
      feed(series, { a: 0.1, b: 0.1 }, { a: 0.1, b: 0.1, c: 9 });
      assert.deepEqual(ids(series), ['a', 'b']);
    });
  });

  it('keeps a rule called other apart from the other rules', () => {
    const series = seriesWith({ maxActiveSeries: 1 });
    feed(series, { other: 1, b: 0.25 });
    assert.deepEqual(ids(series), ['other']);
    assert.equal(series.rules.get('other')?.cpuSeconds, 1);
    assert.equal(series.other?.cpuSeconds, 0.25);
  });

  it('accepts any string as an id', () => {
    const hostile = ['', '__proto__', 'constructor', 'a"b\n', '\0', '😀', 'other'];
    const series = seriesWith({ maxActiveSeries: 10 });
    const shares = new Map(
      hostile.map((id, i) => [id, { cpuSeconds: i + 1, hits: i + 1, standardErrorSeconds: 1 }]),
    );
    for (let round = 0; round < 2; round++) series.update(shares, 1);
    const seen = [...series.rules].map(([id, { hits }]) => [id, hits]);
    assert.deepEqual(
      new Map(seen as [string, number][]),
      new Map(hostile.map((id, i) => [id, 2 * (i + 1)])),
    );
  });

  describe('with random rules', () => {
    const RULES = 40;
    const limits = { maxActiveSeries: 5, maxLifetimeSeries: 14, retireAfterWindows: 4 };

    /** The figures that never fall. */
    type Sums = Pick<RuleFigures, 'cpuSeconds' | 'hits' | 'variance'>;
    const KEYS = ['cpuSeconds', 'hits', 'variance'] as const;
    const zero = () => ({ cpuSeconds: 0, hits: 0, variance: 0 });

    /** Returns shares of binary fractions. Their sums are exact, so that tests compare with equal. */
    function randomShares(random: Random): Map<string, RuleShare> {
      const shares = new Map<string, RuleShare>();
      for (let n = random.below(12); n > 0; n--) {
        const hits = 1 + random.below(random.below(10) === 0 ? 1_000 : 20);
        // Half of the draws come from few rules, so that some rules return often.
        const id = `r${random.below(random.below(2) === 0 ? 8 : RULES)}`;
        const standardErrorSeconds = random.below(256) / 256;
        shares.set(id, { cpuSeconds: hits / 128, hits, standardErrorSeconds });
      }
      return shares;
    }

    for (let seed = 1; seed <= 25; seed++) {
      it(`no counter falls, limits hold and nothing is lost (seed ${seed})`, () => {
        const random = new Random(seed);
        const series = new RuleSeries(limits, 2);
        const last = new Map<string, Sums>();
        let other: Sums = zero();
        const given = zero();

        const check = (shares: ReadonlyMap<string, RuleShare>): void => {
          series.update(shares, 2);
          let used = 0;
          for (const { cpuSeconds, hits, standardErrorSeconds } of shares.values()) {
            given.cpuSeconds += cpuSeconds;
            given.hits += hits;
            given.variance += standardErrorSeconds ** 2;
            used += cpuSeconds;
          }
          assert.ok(series.rules.size <= limits.maxActiveSeries, `${series.rules.size} series`);
          let usage = series.other?.usage ?? 0;
          for (const [id, figures] of series.rules) {
            const since = shares.get(id);
            const { cpuSeconds = 0, hits = 0, standardErrorSeconds = 0 } = since ?? {};
            const added = { cpuSeconds, hits, variance: standardErrorSeconds ** 2 };
            assertRose(id, last.get(id) ?? zero(), added, figures);
            assert.equal(figures.usage, cpuSeconds / 2);
            assert.equal(figures.standardError, standardErrorSeconds / 2);
            usage += figures.usage;
            last.set(id, { ...figures });
          }
          // The sum is smaller only if a rule lost its place in this window.
          assert.ok(usage <= used / 2);
          assert.ok(last.size <= limits.maxLifetimeSeries, `${last.size} rules had a series`);
          if (series.other !== undefined) {
            assertRose('other', other, zero(), series.other);
            other = { ...series.other };
          }
        };

        for (let i = 0; i < 400; i++) check(randomShares(random));
        assert.equal(
          last.size,
          limits.maxLifetimeSeries,
          'the random windows do not reach the limit',
        );
        // Each rule returns once with enough CPU for a series, which shows its former figures.
        for (let i = 0; i < RULES; i++) {
          const id = `r${i}`;
          check(new Map([[id, { cpuSeconds: 1_024, hits: 1, standardErrorSeconds: 0.5 }]]));
          assert.equal(series.rules.has(id), last.has(id));
        }
        assert.equal(last.size, limits.maxLifetimeSeries);
        for (const key of KEYS) {
          const sum = [other, ...last.values()].reduce((total, sums) => total + sums[key], 0);
          assert.equal(sum, given[key], key);
        }
      });
    }

    function assertRose(id: string, before: Sums, added: Sums, now: Sums): void {
      for (const key of KEYS) {
        assert.ok(now[key] >= before[key] + added[key], `${key} of ${id} fell or lost a share`);
      }
    }
  });
});
