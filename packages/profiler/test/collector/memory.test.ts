import assert from 'node:assert/strict';
import { runInChild } from '../support/runInChild';

/**
 * Limit of heap growth in 1,500 windows with 7,500 new rules: 333 bytes per window, 67 bytes per
 * rule. A leaked window would take some kilobytes; a leaked rule with its labels, over 100 bytes.
 * Without a leak, the heap grew by -100,000 to 340,000 bytes on all versions of Node.js, because
 * hash tables double, and code is compiled and dropped.
 */
const BUDGET_BYTES = 500_000;

/**
 * Keeps 500 rules. In each window, five new rules replace the five oldest, and a fifth of the rules
 * work.
 */
const SCRIPT = `
  const { sharedCollector } = load('index');
  const { labelStorage } = load('internal');
  const { attributeCpu } = load('attribution/attributeCpu');
  const { toPprof } = load('pprof/toPprof');
  const collector = sharedCollector({ samplingIntervalMicros: 997, windowMillis: 600_000 });
  let delivered = 0;
  let samples = 0;
  const consumer = collector.addConsumer('memory', (window) => {
    delivered++;
    samples += window.samples.taken;
    attributeCpu(window, 'rule');
    if (delivered % 10 === 0) toPprof(window).encode();
  });
  const labels = labelStorage();
  const rules = [];
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
  async function pass(windows) {
    while (delivered < windows) {
      const before = delivered;
      for (let i = 0; i < 5; i++) rules.push({ rule: 'rule ' + (delivered * 5 + i) });
      if (rules.length > 500) rules.splice(0, 5);
      for (let i = delivered % 5; i < rules.length; i += 5) {
        labels.run(labels.createLabelContext(rules[i]), nextTurn);
      }
      collector.rotate();
      while (delivered === before) await nextTurn();
    }
  }
  // V8's own code and tables come and go. The smallest of ten readings leaves them out.
  async function heapAfter(windows) {
    let smallest = Infinity;
    for (let i = 0; i < 10; i++) {
      await pass(windows + i);
      for (let round = 0; round < 2; round++) {
        gc();
        await nextTurn();
      }
      smallest = Math.min(smallest, process.memoryUsage().heapUsed);
    }
    return smallest;
  }
  (async () => {
    const early = await heapAfter(500);
    const late = await heapAfter(2_000);
    await consumer.remove();
    const { dropped, failed } = consumer;
    console.log(JSON.stringify({ growth: late - early, samples, dropped, failed }));
  })();
`;

interface Outcome {
  readonly growth: number;
  readonly samples: number;
  readonly dropped: number;
  readonly failed: number;
}

describe('the memory of the collector', function () {
  this.timeout(120_000);

  it('does not grow from window 500 to window 2,000, with 500 changing rules', async () => {
    const { code, stdout, stderr } = await runInChild(SCRIPT, {
      nodeOptions: ['--expose-gc'],
      limitMillis: 110_000,
    });
    assert.equal(stderr, '');
    assert.equal(code, 0);
    const { growth, samples, dropped, failed } = JSON.parse(stdout) as Outcome;
    assert.deepEqual({ dropped, failed }, { dropped: 0, failed: 0 });
    assert.ok(samples > 300, `${samples} samples`);
    assert.ok(growth < BUDGET_BYTES, `grew by ${growth} bytes`);
  });
});
