import assert from 'node:assert/strict';
import { attributeCpu } from '@rulescope/profiler';
import { CPU_SOURCES, CpuLedger, type CpuSource } from '../src/CpuLedger';
import { Random } from './support/Random';
import { assertClose } from './support/assertClose';
import { type WindowContents, windowOf } from './support/windowOf';

/**
 * A window of 10 ms per hit: 2 + 1 hits in rules, 3 unlabeled, 1 in the garbage collector, 3 in the
 * runtime. Other threads used 50 ms.
 */
const MIXED: WindowContents = {
  rules: { a: 2, b: 1 },
  unlabeled: 3,
  gc: 1,
  runtime: 3,
  idle: 90,
  otherThreadsSeconds: 0.05,
};
const MIXED_SECONDS: Record<CpuSource, number> = {
  rule: 0.03,
  unlabeled: 0.03,
  gc: 0.01,
  runtime: 0.03,
  other_threads: 0.05,
};

describe('CpuLedger', () => {
  let ledger: CpuLedger;
  const add = (contents: WindowContents): void => {
    const window = windowOf(contents);
    ledger.update(attributeCpu(window, 'rule'), window);
  };

  beforeEach(() => {
    ledger = new CpuLedger();
  });

  it('starts with zero for every source', () => {
    for (const source of CPU_SOURCES) {
      assert.equal(ledger.cpuSeconds(source), 0);
      assert.equal(ledger.usage(source), 0);
    }
  });

  it('sums each source over the windows', () => {
    for (let count = 1; count <= 3; count++) {
      add(MIXED);
      for (const source of CPU_SOURCES) {
        assertClose(ledger.cpuSeconds(source), count * MIXED_SECONDS[source]);
      }
    }
  });

  it('the usage is the CPU of the last window divided by its length', () => {
    add({ ...MIXED, durationMillis: 500 });
    for (const source of CPU_SOURCES) {
      assertClose(ledger.usage(source), MIXED_SECONDS[source] / 0.5);
    }
    add({ rules: { a: 1 }, durationMillis: 2_000 });
    assertClose(ledger.usage('rule'), 0.005);
    assert.equal(ledger.usage('unlabeled'), 0);
    assert.equal(ledger.usage('other_threads'), 0);
  });

  it('a window of zero length has no usage, and its CPU counts', () => {
    add({ ...MIXED, durationMillis: 0 });
    for (const source of CPU_SOURCES) {
      assert.equal(ledger.usage(source), 0);
      assertClose(ledger.cpuSeconds(source), MIXED_SECONDS[source]);
    }
  });

  it('counts the CPU of a window without a profile as unlabeled', () => {
    add({ error: new Error('no sampler'), threadSeconds: 0.7 });
    assert.equal(ledger.cpuSeconds('unlabeled'), 0.7);
    assert.equal(ledger.cpuSeconds('rule'), 0);
  });

  it('sums to the CPU of the process, and no source falls (2,000 random windows)', () => {
    const random = new Random(1);
    let process = 0;
    const before = new Map<CpuSource, number>();
    for (let i = 0; i < 2_000; i++) {
      const window = windowOf({
        rules: { a: random.below(4), b: random.below(4) },
        unlabeled: random.below(4),
        gc: random.below(2),
        runtime: random.below(3),
        idle: random.below(20),
        threadSeconds: random.next(),
        otherThreadsSeconds: random.next(),
        ...(random.below(20) === 0 && { error: new Error('failed') }),
      });
      ledger.update(attributeCpu(window, 'rule'), window);
      process += window.cpu.processSeconds;
      let sum = 0;
      for (const source of CPU_SOURCES) {
        const seconds = ledger.cpuSeconds(source);
        assert.ok(seconds >= (before.get(source) ?? 0), `${source} fell`);
        before.set(source, seconds);
        sum += seconds;
      }
      assertClose(sum, process, 1e-6);
    }
  });

  describe('with workers', () => {
    const worker = (threadId: number, contents: WindowContents): void => {
      const window = windowOf(contents);
      ledger.updateWorker(threadId, attributeCpu(window, 'rule'), window);
    };
    const total = (): number =>
      CPU_SOURCES.reduce((sum, source) => sum + ledger.cpuSeconds(source), 0);

    it('moves the CPU of a worker from other_threads to its sources', () => {
      add({ rules: { a: 10 }, otherThreadsSeconds: 0.5, workers: 1 });
      worker(1, { rules: { a: 20 }, gc: 10, otherThreadsSeconds: 9 });
      add({ otherThreadsSeconds: 0 });
      assertClose(ledger.cpuSeconds('rule'), 0.3);
      assertClose(ledger.cpuSeconds('gc'), 0.1);
      assertClose(ledger.cpuSeconds('other_threads'), 0.2);
      assertClose(total(), 0.6);
    });

    it('holds other_threads back until every worker has reported that time, and not without workers', () => {
      add({ otherThreadsSeconds: 0.5, workers: 2 });
      worker(1, {});
      add({ otherThreadsSeconds: 0.25, workers: 2, startMillis: 1_000 });
      assert.equal(ledger.cpuSeconds('other_threads'), 0, 'the second worker has not reported');
      worker(1, { startMillis: 1_000 });
      worker(2, { startMillis: 100 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.5);
      add({ otherThreadsSeconds: 0.125, workers: 2, startMillis: 2_000 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.5);
      add({ otherThreadsSeconds: 0.1, startMillis: 3_000 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.975);
    });

    it('leaves no CPU in other_threads when the windows of a worker come late and are twice as long', () => {
      for (let second = 0; second < 100; second++) {
        add({ otherThreadsSeconds: 0.5, workers: 1, startMillis: 1_000 * second });
        if (second % 2 === 0) continue;
        const startMillis = 1_000 * (second - 1.1);
        worker(1, { rules: { a: 100 }, startMillis, durationMillis: 1_900 });
      }
      assert.equal(ledger.cpuSeconds('other_threads'), 0);
      assertClose(total(), 50);
    });

    it('leaves no CPU in other_threads when our windows are ten times shorter than those of a worker', () => {
      add({ startMillis: -1_000 });
      for (let i = 0; i < 100; i++) {
        const startMillis = 100 * i;
        add({ otherThreadsSeconds: 0.05, workers: 1, startMillis, durationMillis: 100 });
        if (i % 10 !== 3) continue;
        // The first window of the worker is shorter.
        const length = i === 3 ? 400 : 1_000;
        const hits = length / 20;
        worker(1, {
          rules: { a: hits },
          startMillis: startMillis + 100 - length,
          durationMillis: length,
        });
      }
      assert.equal(ledger.cpuSeconds('other_threads'), 0);
      assertClose(ledger.cpuSeconds('rule'), 4.7);
    });

    it('holds three windows back for a silent worker, and none for a forgotten one', () => {
      worker(2, {});
      for (let second = 0; second < 6; second++) {
        add({ otherThreadsSeconds: 1, workers: 2, startMillis: 1_000 * second });
        assert.equal(ledger.cpuSeconds('other_threads'), Math.max(0, second - 2));
      }
      assert.deepEqual(ledger.forgetSilentWorkers(), [2]);
      add({ otherThreadsSeconds: 1, workers: 1, startMillis: 6_000 });
      worker(1, { startMillis: 6_000 });
      assert.equal(ledger.cpuSeconds('other_threads'), 7);
    });

    it('forgets a worker with the first window of the process after its end', () => {
      worker(1, { rules: { a: 20 } });
      worker(2, { unlabeled: 30 });
      add({ otherThreadsSeconds: 0.5, workers: 1 });
      assert.deepEqual(ledger.forgetSilentWorkers(), [2]);
      assert.equal(ledger.usage('unlabeled'), 0);
      assertClose(ledger.usage('rule'), 0.2);
      assertClose(total(), 0.5);
    });

    it('CPU that a worker reports too early or too late is a debt that later windows pay', () => {
      worker(1, { rules: { a: 30 } });
      add({ otherThreadsSeconds: 0.5 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.2);
      worker(1, { rules: { a: 20 } });
      add({ otherThreadsSeconds: 0.1 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.2);
      add({ otherThreadsSeconds: 0.3 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.4);
      assertClose(total(), 0.9);
    });

    for (const jumpMillis of [3_600_000, -3_600_000]) {
      for (const first of ['the process', 'a worker']) {
        it(`counts the same when the wall clock is set by ${jumpMillis} ms before a window of ${first}`, () => {
          for (let second = 0; second < 20; second++) {
            const times = { startMillis: 1_000 * second };
            const later = second <= 10 ? 0 : jumpMillis;
            const sooner = second < 10 ? 0 : jumpMillis;
            const [ours, theirs] = first === 'a worker' ? [later, sooner] : [sooner, later];
            add({ otherThreadsSeconds: 0.75, workers: 1, ...times, jumpMillis: ours });
            assert.deepEqual(ledger.forgetSilentWorkers(), []);
            assertClose(ledger.cpuSeconds('other_threads'), second * 0.25);
            worker(1, { rules: { a: 50 }, ...times, jumpMillis: theirs });
            assertClose(ledger.cpuSeconds('other_threads'), (second + 1) * 0.25);
            assertClose(total(), (second + 1) * 0.75);
          }
        });
      }
    }

    it('the end of sampling ends all usage and counts what was held back', () => {
      add({ rules: { a: 10 }, otherThreadsSeconds: 0.5, workers: 2 });
      worker(1, { rules: { a: 20 } });
      ledger.end();
      for (const source of CPU_SOURCES) assert.equal(ledger.usage(source), 0, source);
      assertClose(ledger.cpuSeconds('other_threads'), 0.3);
      assertClose(total(), 0.6);
      ledger.end();
      assertClose(total(), 0.6);
      add({ rules: { a: 10 }, startMillis: 9_000 });
      assertClose(ledger.usage('rule'), 0.1);
      assert.equal(ledger.usage('other_threads'), 0);
    });

    it('CPU that a worker reports after the end of sampling is a debt', () => {
      add({ otherThreadsSeconds: 0.5, workers: 1 });
      ledger.end();
      ledger.end();
      assertClose(ledger.cpuSeconds('other_threads'), 0.5);
      worker(1, { rules: { a: 30 } });
      add({ otherThreadsSeconds: 0.5, startMillis: 1_000 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.7);
      assertClose(total(), 1);
    });

    it('the usage is the sum over the last windows of all threads', () => {
      add({ rules: { a: 10 }, otherThreadsSeconds: 1, workers: 2 });
      worker(1, { rules: { a: 20 }, runtime: 10 });
      worker(2, { unlabeled: 30 });
      assertClose(ledger.usage('rule'), 0.3);
      assertClose(ledger.usage('runtime'), 0.1);
      assertClose(ledger.usage('unlabeled'), 0.3);
      assertClose(ledger.usage('other_threads'), 0.4);
      worker(1, { rules: { a: 200 }, startMillis: 1_000 });
      assert.equal(ledger.usage('other_threads'), 0);
      add({ workers: 1, startMillis: 3_000 });
      assert.deepEqual(ledger.forgetSilentWorkers(), [2]);
      assert.equal(ledger.usage('unlabeled'), 0);
      assertClose(ledger.usage('rule'), 2);
    });

    for (let seed = 1; seed <= 10; seed++) {
      it(`no source falls, and in the end they sum to the CPU of the process (seed ${seed})`, () => {
        const random = new Random(seed);
        let cpu = 0;
        let claimed = 0;
        let last = CPU_SOURCES.map(() => 0);
        const check = (): void => {
          const now = CPU_SOURCES.map((source) => ledger.cpuSeconds(source));
          now.forEach((seconds, i) => assert.ok(seconds >= last[i]!));
          last = now;
        };
        for (let i = 0; i < 200; i++) {
          const hits = random.below(100);
          const used = random.below(100) / 100;
          cpu += used + hits / 100;
          claimed += used;
          const startMillis = 1_000 * i;
          add({
            rules: { a: hits },
            otherThreadsSeconds: used,
            workers: random.below(3),
            startMillis,
          });
          check();
          const part = random.below(Math.floor(claimed * 100)) / 100;
          claimed -= part;
          const late = 1_000 * random.below(4);
          worker(random.below(4), {
            rules: { b: Math.round(part * 100) },
            startMillis: startMillis - late,
          });
          check();
        }
        // One more window with much CPU of other threads pays every debt. Without workers the
        // ledger holds nothing back.
        add({ otherThreadsSeconds: 1_000 });
        check();
        assertClose(total(), cpu + 1_000);
      });
    }
  });
});
