import assert from 'node:assert/strict';
import { runInChild } from '../support/runInChild';

/**
 * What the heap may have grown by in 1,500 windows, in which 7,500 rules came and went: 333 bytes a window, 67 bytes a rule. A
 * window that is kept has some kilobytes, a rule's label set and name more than a hundred bytes. Where nothing was kept, it grew by
 * -100,000 to 340,000 bytes on all versions of Node.js: hash tables double, code is compiled and dropped.
 */
const BUDGET_BYTES = 500_000;

/** Half a thousand rules at a time, in each window five new ones in the place of five old ones. A fifth of them work in it. */
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
  // V8 keeps and drops code and tables of its own now and then: the smallest of ten says what cannot be dropped.
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

describe('the memory of a collector', function () {
  this.timeout(120_000);

  it('is the same after 500 and after 2,000 windows of 500 rules that come and go', async () => {
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
