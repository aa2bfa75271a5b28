import assert from 'node:assert/strict';
import { attributeCpu } from '@rulescope/profiler';
import { CPU_SOURCES, CpuLedger, type CpuSource } from '../src/CpuLedger';
import { Random } from './support/Random';
import { assertClose } from './support/assertClose';
import { type WindowContents, windowOf } from './support/windowOf';

/** A window of `rules` 2 + 1 hits, 3 unlabelled, 1 in the GC, 3 in the runtime, 10 ms each, and 50 ms elsewhere. */
const MIXED: WindowContents = {
  rules: { a: 2, b: 1 },
  unlabelled: 3,
  gc: 1,
  runtime: 3,
  idle: 90,
  otherThreadsSeconds: 0.05,
};
const MIXED_SECONDS: Record<CpuSource, number> = {
  rule: 0.03,
  unlabelled: 0.03,
  gc: 0.01,
  runtime: 0.03,
  other_threads: 0.05,
};

describe('CpuLedger', () => {
  let ledger: CpuLedger;
  const add = (contents: WindowContents, windowSeconds = 1): void =>
    ledger.update(attributeCpu(windowOf(contents), 'rule'), windowSeconds);

  beforeEach(() => {
    ledger = new CpuLedger();
  });

  it('knows every source from the beginning', () => {
    for (const source of CPU_SOURCES) {
      assert.equal(ledger.cpuSeconds(source), 0);
      assert.equal(ledger.utilization(source), 0);
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

  it('has the utilization of the last window alone, per second of it', () => {
    add(MIXED, 0.5);
    for (const source of CPU_SOURCES) {
      assertClose(ledger.utilization(source), MIXED_SECONDS[source] / 0.5);
    }
    add({ rules: { a: 1 } }, 2);
    assertClose(ledger.utilization('rule'), 0.005);
    assert.equal(ledger.utilization('unlabelled'), 0);
    assert.equal(ledger.utilization('other_threads'), 0);
  });

  it('takes a window of no length for one without utilization', () => {
    add(MIXED, 0);
    for (const source of CPU_SOURCES) {
      assert.equal(ledger.utilization(source), 0);
      assertClose(ledger.cpuSeconds(source), MIXED_SECONDS[source]);
    }
  });

  it('counts the CPU of a window without a profile as unlabelled', () => {
    add({ error: new Error('no sampler'), threadSeconds: 0.7 });
    assert.equal(ledger.cpuSeconds('unlabelled'), 0.7);
    assert.equal(ledger.cpuSeconds('rule'), 0);
  });

  it('sums to the CPU of the process, and none of it ever falls (2,000 random windows)', () => {
    const random = new Random(1);
    let process = 0;
    const before = new Map<CpuSource, number>();
    for (let i = 0; i < 2_000; i++) {
      const window = windowOf({
        rules: { a: random.below(4), b: random.below(4) },
        unlabelled: random.below(4),
        gc: random.below(2),
        runtime: random.below(3),
        idle: random.below(20),
        threadSeconds: random.next(),
        otherThreadsSeconds: random.next(),
        ...(random.below(20) === 0 && { error: new Error('failed') }),
      });
      ledger.update(attributeCpu(window, 'rule'), 1);
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
    const main = (contents: WindowContents, workers = 1): void =>
      ledger.update(attributeCpu(windowOf(contents), 'rule'), 1, workers);
    const worker = (threadId: number, contents: WindowContents): void =>
      ledger.updateWorker(threadId, attributeCpu(windowOf(contents), 'rule'), 1);
    const total = (): number =>
      CPU_SOURCES.reduce((sum, source) => sum + ledger.cpuSeconds(source), 0);

    it('moves what a worker used from other_threads to where it went', () => {
      main({ rules: { a: 10 }, otherThreadsSeconds: 0.5 });
      worker(1, { rules: { a: 20 }, gc: 10, otherThreadsSeconds: 9 });
      main({ otherThreadsSeconds: 0 }, 0);
      assertClose(ledger.cpuSeconds('rule'), 0.3);
      assertClose(ledger.cpuSeconds('gc'), 0.1);
      assertClose(ledger.cpuSeconds('other_threads'), 0.2);
      assertClose(total(), 0.6);
    });

    it('holds other_threads back for a window, and for none without workers', () => {
      main({ otherThreadsSeconds: 0.5 });
      assert.equal(ledger.cpuSeconds('other_threads'), 0);
      main({ otherThreadsSeconds: 0.25 });
      assertClose(ledger.cpuSeconds('other_threads'), 0.5);
      main({ otherThreadsSeconds: 0.1 }, 0);
      assertClose(ledger.cpuSeconds('other_threads'), 0.85);
    });

    it('what comes before the window of the process, or much later, is a debt that later windows pay', () => {
      worker(1, { rules: { a: 30 } });
      main({ otherThreadsSeconds: 0.5 }, 0);
      assertClose(ledger.cpuSeconds('other_threads'), 0.2);
      worker(1, { rules: { a: 20 } });
      main({ otherThreadsSeconds: 0.1 }, 0);
      assertClose(ledger.cpuSeconds('other_threads'), 0.2);
      main({ otherThreadsSeconds: 0.3 }, 0);
      assertClose(ledger.cpuSeconds('other_threads'), 0.4);
      assertClose(total(), 0.9);
    });

    it('its utilization is that of the last window of every thread', () => {
      main({ rules: { a: 10 }, otherThreadsSeconds: 1 });
      worker(1, { rules: { a: 20 }, runtime: 10 });
      worker(2, { unlabelled: 30 });
      assertClose(ledger.utilization('rule'), 0.3);
      assertClose(ledger.utilization('runtime'), 0.1);
      assertClose(ledger.utilization('unlabelled'), 0.3);
      assertClose(ledger.utilization('other_threads'), 0.4);
      ledger.forgetWorker(2);
      assert.equal(ledger.utilization('unlabelled'), 0);
      worker(1, { rules: { a: 200 } });
      assert.equal(ledger.utilization('other_threads'), 0);
    });

    for (let seed = 1; seed <= 10; seed++) {
      it(`no counter falls and in the end the sum is the CPU of the process (seed ${seed})`, () => {
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
          main({ rules: { a: hits }, otherThreadsSeconds: used }, random.below(3));
          check();
          const part = random.below(Math.floor(claimed * 100)) / 100;
          claimed -= part;
          worker(random.below(4), { rules: { b: Math.round(part * 100) } });
          check();
        }
        // One more window in which others used much pays every debt, and without workers nothing is held back.
        main({ otherThreadsSeconds: 1_000 }, 0);
        check();
        assertClose(total(), cpu + 1_000);
      });
    }
  });
});
