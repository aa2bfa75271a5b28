import assert from 'node:assert/strict';
import { attributeCpu } from '@rulescope/profiler';
import { CPU_SOURCES } from '../src/CpuLedger';
import { RuleAccounts } from '../src/RuleAccounts';
import { SeriesLabels } from '../src/SeriesLabels';
import { assertClose } from './support/assertClose';
import { optionsOf } from './support/optionsOf';
import { windowOf, windowWithLabels } from './support/windowOf';

describe('RuleAccounts', () => {
  let accounts: RuleAccounts;

  beforeEach(() => {
    accounts = new RuleAccounts(
      optionsOf({ maxActiveSeries: 2, maxLifetimeSeries: 10, retireAfterWindows: 3 }),
      1,
    );
  });

  it('divides the CPU of a window among its rules', () => {
    accounts.add(windowOf({ rules: { a: 30, b: 10 }, unlabeled: 10, threadSeconds: 2 }));
    assertClose(accounts.series.rules.get('a')?.cpuSeconds, 1.2);
    assertClose(accounts.series.rules.get('b')?.cpuSeconds, 0.4);
    assert.equal(accounts.series.rules.get('a')?.hits, 30);
    assertClose(accounts.ledger.cpuSeconds('rule'), 1.6);
    assertClose(accounts.ledger.cpuSeconds('unlabeled'), 0.4);
  });

  it('the usage is the CPU divided by the length of the window', () => {
    accounts.add(windowOf({ rules: { a: 10 }, threadSeconds: 1, durationMillis: 4_000 }));
    assertClose(accounts.series.rules.get('a')?.usage, 0.25);
    assertClose(accounts.ledger.usage('rule'), 0.25);
  });

  it('takes rules from the label rule and from no other label', () => {
    accounts.add(windowOf({ rules: { a: 10 }, label: 'tenant' }));
    assert.equal(accounts.series.rules.size, 0);
    assertClose(accounts.ledger.cpuSeconds('unlabeled'), 0.1);
  });

  it('counts the windows of all threads by outcome and by whether they were contended', () => {
    const counts = () =>
      accounts.windows.map(({ outcome, contended, count }) => [outcome, contended, count]);
    const kinds = ['complete', 'incomplete', 'failed'].flatMap((outcome) =>
      [false, true].map((contended) => [outcome, contended] as const),
    );
    assert.deepEqual(
      counts(),
      kinds.map(([outcome, contended]) => [outcome, contended, 0]),
    );
    kinds.forEach(([outcome, contended], kind) => {
      for (let i = 0; i <= kind; i++) {
        accounts.add(
          windowOf({
            threadId: i % 2,
            contended,
            complete: outcome === 'complete',
            ...(outcome === 'failed' && { error: new Error('no sampler') }),
          }),
        );
      }
    });
    assert.deepEqual(
      counts(),
      kinds.map(([outcome, contended], kind) => [outcome, contended, kind + 1]),
    );
  });

  it('has the quality of the last window of our own thread', () => {
    assert.equal(accounts.quality, undefined);
    accounts.add(windowOf({ quality: 1.25 }));
    assert.equal(accounts.quality, 1.25);
    accounts.add(windowOf({ quality: 0.5, threadId: 1 }));
    assert.equal(accounts.quality, 1.25);
    accounts.add(windowOf());
    assert.equal(accounts.quality, undefined);
  });

  it('gives the series of each rule its part of shared work, and the books close', () => {
    const parts = Object.entries({ a: 0.5, b: 0.3, c: 0.2 }).map(([rule, share]) => ({
      labels: { rule },
      share,
    }));
    const shared = { hits: 40, parts };
    accounts.add(windowOf({ shared, rules: { b: 30 }, unlabeled: 10, gc: 20, threadSeconds: 2 }));
    const { series, ledger } = accounts;
    assertClose(series.rules.get('a')?.cpuSeconds, 0.4);
    assertClose(series.rules.get('a')?.hits, 20);
    assertClose(series.rules.get('b')?.cpuSeconds, 0.84);
    // There is room for two series.
    assertClose(series.other?.cpuSeconds, 0.16);
    assertClose(ledger.cpuSeconds('rule'), 1.4);
    const total = CPU_SOURCES.reduce((sum, source) => sum + ledger.cpuSeconds(source), 0);
    assertClose(total, 2);
  });

  it('sums the variance that attributeCpu returns for each rule', () => {
    const windows = [windowOf({ rules: { a: 30, b: 10 } }), windowOf({ rules: { a: 5, b: 15 } })];
    let [variance, last] = [0, 0];
    for (const window of windows) {
      accounts.add(window);
      last = attributeCpu(window, 'rule').labels.get('a')!.standardErrorSeconds;
      variance += last ** 2;
    }
    assert.ok(variance > 0);
    assertClose(accounts.series.rules.get('a')?.variance, variance);
    assertClose(accounts.series.rules.get('a')?.standardError, last);
  });

  it('counts the CPU of a failed window as unlabeled', () => {
    accounts.add(windowOf({ rules: { a: 10 } }));
    accounts.add(windowOf({ error: new Error('no sampler'), threadSeconds: 0.5 }));
    assert.equal(accounts.series.rules.get('a')?.usage, 0);
    assertClose(accounts.series.rules.get('a')?.cpuSeconds, 0.1);
    assert.equal(accounts.ledger.cpuSeconds('unlabeled'), 0.5);
  });

  it('has a series per combination of labels, bounded together, that sums to the ledger', () => {
    const labels = new SeriesLabels(['rule', 'tenant'], (value) =>
      value === 'x' ? undefined : value,
    );
    accounts = new RuleAccounts(
      optionsOf({ maxActiveSeries: 3, maxLifetimeSeries: 3, retireAfterWindows: 9 }, labels),
      1,
    );
    const sets = [
      [{ rule: 'a', tenant: 's' }, 40],
      [{ rule: 'a', tenant: 't' }, 30],
      [{ rule: 'a' }, 20],
      [{ tenant: 't' }, 10],
      [{ rule: 'x' }, 5],
      [{ more: 'm' }, 3],
    ] as const;
    accounts.add(windowWithLabels(sets));
    const found = [...accounts.series.rules.values(), accounts.series.other!].map(
      ({ attributes, hits }) => [attributes, hits],
    );
    assert.deepEqual(found, [
      [{ 'rulescope.rule.id': 'a', tenant: 's' }, 40],
      [{ 'rulescope.rule.id': 'a', tenant: 't' }, 30],
      [{ 'rulescope.rule.id': 'a' }, 20],
      [{ 'rulescope.rule.id': 'other', 'rulescope.rule.other': true }, 15],
    ]);
    assertClose(accounts.ledger.cpuSeconds('rule'), 1.05);
    assertClose(accounts.ledger.cpuSeconds('unlabeled'), 0.03);
  });

  it('applies the limits on series', () => {
    accounts.add(windowOf({ rules: { a: 10, b: 9, c: 8 } }));
    assert.deepEqual([...accounts.series.rules.keys()], ['a', 'b']);
    assert.equal(accounts.series.other?.hits, 8);
    for (let i = 0; i < 3; i++) accounts.add(windowOf());
    assert.equal(accounts.series.rules.size, 0);
  });

  it('the rules and the other rules sum to the source rule of the ledger', () => {
    for (let i = 0; i < 50; i++) {
      // The same two rules lead in every window, so that neither loses its series.
      accounts.add(
        windowOf({
          rules: { a: 20 + (i % 3), b: 15, [`job ${i}`]: 1 + (i % 5) },
          unlabeled: i % 7,
          gc: i % 2,
          runtime: 3,
          threadSeconds: 0.1 + i / 100,
          otherThreadsSeconds: 0.01,
        }),
      );
    }
    let rules = accounts.series.other?.cpuSeconds ?? 0;
    for (const { cpuSeconds } of accounts.series.rules.values()) rules += cpuSeconds;
    assertClose(rules, accounts.ledger.cpuSeconds('rule'));
    let process = 0;
    for (const source of CPU_SOURCES) process += accounts.ledger.cpuSeconds(source);
    assertClose(process, 50 * 0.11 + (49 * 50) / 2 / 100);
  });

  it('the end of sampling ends all gauges until the next window, and no counter', () => {
    accounts.add(windowOf({ rules: { a: 10, b: 10, c: 5 }, quality: 1 }));
    accounts.add(windowOf({ rules: { a: 10 }, threadId: 1 }));
    const sums = () => [accounts.series.rules.get('a')?.hits, accounts.ledger.cpuSeconds('rule')];
    const before = sums();
    accounts.samplingStopped();
    for (const figures of [...accounts.series.rules.values(), accounts.series.other]) {
      assert.deepEqual([figures?.usage, figures?.standardError], [0, 0]);
    }
    for (const source of CPU_SOURCES) assert.equal(accounts.ledger.usage(source), 0);
    assert.equal(accounts.quality, 0);
    assert.deepEqual(sums(), before);
    accounts.add(windowOf({ rules: { a: 10 } }));
    assertClose(accounts.series.rules.get('a')?.usage, 0.1);
  });

  describe('with workers', () => {
    const figures = (id: string) => accounts.series.rules.get(id);

    it('adds the rules of all threads to the same series', () => {
      accounts.add(windowOf({ rules: { a: 10 }, otherThreadsSeconds: 0.5, workers: 2 }));
      accounts.add(windowOf({ rules: { a: 20 }, threadId: 1 }));
      accounts.add(windowOf({ rules: { a: 20 }, threadId: 2, durationMillis: 2_000 }));
      assertClose(figures('a')?.cpuSeconds, 0.5);
      assert.equal(figures('a')?.hits, 50);
      assertClose(figures('a')?.usage, 0.1 + 0.2 + 0.1);
    });

    it('forgets the usage of a worker after the time of three of its windows, however short ours are', () => {
      accounts = new RuleAccounts(
        optionsOf({ maxActiveSeries: 2, maxLifetimeSeries: 10, retireAfterWindows: 100 }),
        1,
      );
      accounts.add(windowOf({ rules: { a: 10 }, threadId: 1 }));
      for (let startMillis = 1_000; startMillis < 3_900; startMillis += 100) {
        accounts.add(windowOf({ workers: 1, durationMillis: 100, startMillis }));
      }
      assertClose(figures('a')?.usage, 0.1);
      assertClose(accounts.ledger.usage('rule'), 0.1);
      accounts.add(windowOf({ workers: 1, durationMillis: 100, startMillis: 3_900 }));
      assert.equal(figures('a')?.usage, 0);
      assert.equal(accounts.ledger.usage('rule'), 0);
    });

    it('keeps a series while any thread has hits, and the number of threads does not age it', () => {
      accounts.add(windowOf({ rules: { a: 10, b: 10 } }));
      for (let i = 0; i < 3; i++) {
        for (let threadId = 1; threadId <= 8; threadId++) {
          accounts.add(windowOf(threadId === 8 ? { rules: { a: 1 }, threadId } : { threadId }));
        }
        assert.deepEqual([...accounts.series.rules.keys()], ['a', 'b']);
        accounts.add(windowOf({ workers: 8 }));
      }
      assert.deepEqual([...accounts.series.rules.keys()], ['a']);
    });

    it('compares a newcomer with the CPU of a rule in all threads', () => {
      accounts.add(windowOf({ rules: { a: 10, b: 30 } }));
      accounts.add(windowOf({ rules: { a: 30 }, threadId: 1 }));
      for (let i = 0; i < 20; i++) {
        accounts.add(windowOf({ rules: { a: 20 }, threadId: 1 }));
        accounts.add(windowOf({ rules: { a: 20, b: 30 }, workers: 1 }));
      }
      // c uses less than twice the 0.4 s of a in all threads, and more than twice its 0.2 s in one
      // thread. b is the weaker one.
      accounts.add(windowOf({ rules: { c: 50, b: 30 }, workers: 1 }));
      assert.deepEqual([...accounts.series.rules.keys()].sort(), ['a', 'b']);
    });

    it('in a worker, the windows of that worker count its own CPU, not that of other threads', () => {
      accounts = new RuleAccounts(
        optionsOf({ maxActiveSeries: 2, maxLifetimeSeries: 10, retireAfterWindows: 1 }),
        1,
        3,
      );
      accounts.add(windowOf({ rules: { a: 10 }, otherThreadsSeconds: 0.5, threadId: 3 }));
      accounts.add(windowOf({ rules: { b: 10 }, otherThreadsSeconds: 0.5, threadId: 3 }));
      assert.deepEqual([...accounts.series.rules.keys()], ['b']);
      assertClose(accounts.ledger.cpuSeconds('rule'), 0.2);
      assert.equal(accounts.ledger.cpuSeconds('other_threads'), 0);
    });
  });
});
