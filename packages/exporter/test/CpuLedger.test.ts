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
});
