import assert from 'node:assert/strict';
import { type RuleFigures, RuleSeries, type RuleShare } from '../src/RuleSeries';
import type { SeriesLimits } from '../src/options';
import { Random } from './support/Random';
import { assertClose } from './support/assertClose';

type Shares = Readonly<Record<string, number>>;

/** Shares of the given CPU seconds, with a hit for each 10 ms and a standard error of a tenth. */
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

/** Windows of one second. */
function feed(series: RuleSeries, ...windows: Shares[]): void {
  for (const window of windows) series.update(sharesOf(window), 1);
}

const ids = (series: RuleSeries): string[] => [...series.rules.keys()].sort();

describe('RuleSeries', () => {
  it('is empty at first, without a bucket for others', () => {
    const series = seriesWith();
    assert.equal(series.rules.size, 0);
    assert.equal(series.other, undefined);
  });

  it('sums CPU and hits of a rule; utilization is that of the last window per second of it', () => {
    const series = seriesWith();
    series.update(sharesOf({ a: 0.5 }), 1);
    assert.deepEqual(series.rules.get('a')?.utilization, 0.5);
    series.update(sharesOf({ a: 0.25 }), 0.5);
    const figures = series.rules.get('a');
    assertClose(figures?.cpuSeconds, 0.75);
    assert.equal(figures?.hits, 75);
    assertClose(figures.utilization, 0.5);
    series.update(sharesOf({}), 1);
    assert.equal(series.rules.get('a')?.utilization, 0);
    assertClose(series.rules.get('a')?.cpuSeconds, 0.75);
  });

  it('sums the variance of a rule; the standard error is that of the last window', () => {
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

  it('adds the errors of several threads, and of the others, in squares', () => {
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

  it('takes a window of no length for one without utilization', () => {
    const series = seriesWith({ maxActiveSeries: 1 });
    series.update(sharesOf({ a: 0.5, b: 0.25 }), 0);
    for (const figures of [series.rules.get('a'), series.other]) {
      assert.equal(figures?.utilization, 0);
      assert.equal(figures.standardError, 0);
    }
    assert.equal(series.rules.get('a')?.cpuSeconds, 0.5);
    assertClose(series.rules.get('a')?.variance, 0.05 ** 2);
  });

  describe('the top', () => {
    it('is given to those who use most where more come at once than there is room for', () => {
      const series = seriesWith();
      feed(series, { a: 0.1, b: 0.3, c: 0.2, d: 0.05 });
      assert.deepEqual(ids(series), ['b', 'c']);
      assertClose(series.other?.cpuSeconds, 0.15);
      assert.equal(series.other?.hits, 15);
      assertClose(series.other.utilization, 0.15);
    });

    it('is defended against one that uses up to twice as much', () => {
      const series = seriesWith();
      feed(series, { a: 0.1, b: 0.3 }, { a: 0.1, b: 0.3, c: 0.2 });
      assert.deepEqual(ids(series), ['a', 'b']);
      assertClose(series.other?.cpuSeconds, 0.2);
    });

    it('is lost by the weakest to one that uses clearly more', () => {
      const series = seriesWith();
      feed(series, { a: 0.1, b: 0.3 }, { a: 0.1, b: 0.3, c: 0.21 });
      assert.deepEqual(ids(series), ['b', 'c']);
      assert.equal(series.other, undefined);
    });

    it('is defended with the CPU of several windows: one pause loses it to no equal', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, ...Array<Shares>(20).fill({ a: 0.2 }), { b: 0.2 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('is defended with the CPU of whole windows, however many readers end one early', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      for (let i = 0; i < 80; i++) series.update(sharesOf({ a: 0.03125 }), 0.125);
      feed(series, { a: 0.25, b: 0.375 });
      assert.deepEqual(ids(series), ['a']);
      feed(series, { a: 0.25, b: 0.75 });
      assert.deepEqual(ids(series), ['b']);
    });

    it('is not lost to one whose window was a long one', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      series.update(sharesOf({ a: 1, b: 1.5 }), 4);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({ a: 1, b: 3 }), 4);
      assert.deepEqual(ids(series), ['b']);
      // What it is defended with from now on is what it used in a whole window.
      feed(series, { b: 0.75, c: 1.75 });
      assert.deepEqual(ids(series), ['c']);
    });

    it('is lost to one that uses clearly more, however short the windows are', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      series.update(sharesOf({ a: 0.0625, b: 0.1 }), 0.25);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({ a: 0.0625, b: 0.15 }), 0.25);
      assert.deepEqual(ids(series), ['b']);
    });

    it('is not lost to what little a window of next to no length says', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      for (const seconds of [0, 0.01]) series.update(sharesOf({ b: 0.01 }), seconds);
      assert.deepEqual(ids(series), ['a']);
    });

    it('a short window without its rule takes as much less of the defence', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, ...Array<Shares>(20).fill({ a: 0.2 }));
      for (let i = 0; i < 8; i++) series.update(sharesOf({}), 0.125);
      feed(series, { b: 0.25 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('a window that was drawn out takes no more of the defence than any', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, ...Array<Shares>(20).fill({ a: 0.2 }));
      series.update(sharesOf({}), 50);
      feed(series, { b: 0.25 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('a window of no length leaves the defence as it is', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.25 });
      series.update(sharesOf({ a: 0.125 }), 0);
      feed(series, { a: 0.25, b: 0.375 });
      assert.deepEqual(ids(series), ['a']);
    });

    it('does not go back and forth between rules that use about the same', () => {
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

    it('a rule that lost its place goes on from where it was when it returns', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.1 }, { a: 0.1, b: 0.9 });
      assert.deepEqual(ids(series), ['b']);
      feed(series, {}, { a: 5 });
      assert.deepEqual(ids(series), ['a']);
      assertClose(series.rules.get('a')?.cpuSeconds, 5.2);
      assert.equal(series.rules.get('a')?.hits, 520);
      assertClose(series.rules.get('a')?.variance, 0.01 ** 2 + 0.01 ** 2 + 0.5 ** 2);
    });

    it('and its utilization is that of the window it returned in, not of the one it left in too', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.1 }, { a: 0.1, b: 0.9 }, { a: 5 });
      assertClose(series.rules.get('a')?.utilization, 5);
    });

    it('what a rule used while it had no series stays with the others', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 0.2 }, { a: 0.2, b: 0.3 }, { a: 0.2, b: 4 });
      assert.deepEqual(ids(series), ['b']);
      assertClose(series.rules.get('b')?.cpuSeconds, 4);
      assertClose(series.other?.cpuSeconds, 0.3);
      assert.equal(series.other?.utilization, 0);
    });
  });

  describe('retirement', () => {
    it('ends the series of a rule without a hit in that many windows', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {});
      assert.deepEqual(ids(series), ['a']);
      feed(series, {});
      assert.deepEqual(ids(series), []);
    });

    it('counts the windows from the last hit', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {}, { a: 1 }, {}, {});
      assert.deepEqual(ids(series), ['a']);
    });

    it('counts the time of whole windows, however many readers end one early', () => {
      const series = seriesWith();
      feed(series, { a: 1 });
      for (let i = 0; i < 23; i++) series.update(sharesOf({}), 0.125);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({}), 0.125);
      assert.deepEqual(ids(series), []);
    });

    it('takes a window that was drawn out for one', () => {
      const series = seriesWith();
      feed(series, { a: 1 });
      series.update(sharesOf({}), 100);
      series.update(sharesOf({}), 100);
      assert.deepEqual(ids(series), ['a']);
      series.update(sharesOf({}), 100);
      assert.deepEqual(ids(series), []);
    });

    it('counts windows that are a little shorter than they should be', () => {
      const series = seriesWith();
      feed(series, { a: 1 });
      for (let i = 0; i < 3; i++) series.update(sharesOf({}), 0.999);
      assert.deepEqual(ids(series), []);
    });

    it('counts anew after a return', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {}, {}, { a: 1 }, {}, {});
      assert.deepEqual(ids(series), ['a']);
      feed(series, {});
      assert.deepEqual(ids(series), []);
    });

    it('a rule that returns goes on from where it was', () => {
      const series = seriesWith();
      feed(series, { a: 1 }, {}, {}, {}, { a: 0.5 });
      const figures = series.rules.get('a');
      assertClose(figures?.cpuSeconds, 1.5);
      assert.equal(figures?.hits, 150);
      assertClose(figures.utilization, 0.5);
    });

    it('makes room', () => {
      const series = seriesWith({ maxActiveSeries: 1 });
      feed(series, { a: 1 }, {}, {}, {}, { b: 0.01 });
      assert.deepEqual(ids(series), ['b']);
    });

    it('with 1, ends it at the first window without a hit', () => {
      const series = seriesWith({ retireAfterWindows: 1 });
      feed(series, { a: 1 }, {});
      assert.deepEqual(ids(series), []);
    });
  });

  describe('the lifetime limit', () => {
    it('sends rules beyond it to the others, whatever they use and whatever room there is', () => {
      const series = seriesWith({
        maxActiveSeries: 2,
        maxLifetimeSeries: 2,
        retireAfterWindows: 1,
      });
      feed(series, { a: 1, b: 1 }, {}, { c: 9 });
      assert.deepEqual(ids(series), []);
      assertClose(series.other?.cpuSeconds, 9);
    });

    it('never shuts out a rule that had a series', () => {
      const series = seriesWith({
        maxActiveSeries: 2,
        maxLifetimeSeries: 2,
        retireAfterWindows: 1,
      });
      feed(series, { a: 1, b: 1 }, {}, { b: 1, c: 1 });
      assert.deepEqual(ids(series), ['b']);
      assertClose(series.rules.get('b')?.cpuSeconds, 2);
    });

    it('retires nobody for a rule it shuts out', () => {
      const series = seriesWith({ maxActiveSeries: 2, maxLifetimeSeries: 2 });
      feed(series, { a: 0.1, b: 0.1 }, { a: 0.1, b: 0.1, c: 9 });
      assert.deepEqual(ids(series), ['a', 'b']);
    });
  });

  it('a rule called other has nothing to do with the others', () => {
    const series = seriesWith({ maxActiveSeries: 1 });
    feed(series, { other: 1, b: 0.25 });
    assert.deepEqual(ids(series), ['other']);
    assert.equal(series.rules.get('other')?.cpuSeconds, 1);
    assert.equal(series.other?.cpuSeconds, 0.25);
  });

  it('takes any string for an id', () => {
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

    /** What only rises. */
    type Sums = Pick<RuleFigures, 'cpuSeconds' | 'hits' | 'variance'>;
    const KEYS = ['cpuSeconds', 'hits', 'variance'] as const;
    const zero = () => ({ cpuSeconds: 0, hits: 0, variance: 0 });

    /** Binary fractions: sums have no rounding, so that equal means equal. */
    function randomShares(random: Random): Map<string, RuleShare> {
      const shares = new Map<string, RuleShare>();
      for (let n = random.below(12); n > 0; n--) {
        const hits = 1 + random.below(random.below(10) === 0 ? 1_000 : 20);
        // Half of the windows draw from few rules, so that some return often.
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
          let utilization = series.other?.utilization ?? 0;
          for (const [id, figures] of series.rules) {
            const since = shares.get(id);
            const { cpuSeconds = 0, hits = 0, standardErrorSeconds = 0 } = since ?? {};
            const added = { cpuSeconds, hits, variance: standardErrorSeconds ** 2 };
            assertRose(id, last.get(id) ?? zero(), added, figures);
            assert.equal(figures.utilization, cpuSeconds / 2);
            assert.equal(figures.standardError, standardErrorSeconds / 2);
            utilization += figures.utilization;
            last.set(id, { ...figures });
          }
          // Only a rule that lost its place in this window can be missing from the utilization.
          assert.ok(utilization <= used / 2);
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
          'the driver is too tame to reach the limit',
        );
        // Each rule returns once and uses enough for a series of its own, which shows what it had.
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
        assert.ok(now[key] >= before[key] + added[key], `${key} of ${id} fell, or lost a share`);
      }
    }
  });
});
