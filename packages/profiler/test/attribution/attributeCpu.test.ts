import assert from 'node:assert/strict';
import { type CpuAttribution, attributeCpu } from '../../src/attribution/attributeCpu';
import type { CallNode } from '../../src/window/CallNode';
import { assertClose } from '../support/assertClose';
import { hits, node, recording, windowOf } from '../support/builders';

const a = { rule: 'a' };
const b = { rule: 'b' };

/** The window's process used 1 s of CPU, 0.2 s of it in other threads. */
function attribute(...children: CallNode[]): CpuAttribution {
  const root = node('(root)', [], ...children);
  return attributeCpu(windowOf(recording({ root, otherThreadsCpuNanos: 200e6 })), 'rule');
}

/** CPU of the sampled thread, all parts together. */
function threadSeconds({ labels, unlabelled, gc, runtime }: CpuAttribution): number {
  const rules = [...labels.values()].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return rules + unlabelled.cpuSeconds + gc.cpuSeconds + runtime.cpuSeconds;
}

const everything = [
  node('f', [...hits(7, a), ...hits(5, b), ...hits(3)]),
  node('(garbage collector)', [...hits(2, a), ...hits(4)]),
  node('(program)', hits(9)),
  node('(idle)', hits(100)),
];

describe('attributeCpu', () => {
  it('divides the CPU of the thread by the hits', () => {
    const { labels, unlabelled } = attribute(
      node('f', [...hits(10, a), ...hits(5, b)]),
      node('g', hits(5)),
    );
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.4);
    assertClose(labels.get('b')?.cpuSeconds ?? NaN, 0.2);
    assertClose(unlabelled.cpuSeconds, 0.2);
    assert.equal(labels.get('a')?.hits, 10);
    assert.equal(unlabelled.hits, 5);
  });

  it('closes the books: the parts of the thread are its CPU, with the other threads the process', () => {
    const attribution = attribute(...everything);
    assertClose(threadSeconds(attribution), 0.8);
    assertClose(
      threadSeconds(attribution) + attribution.otherThreads.cpuSeconds,
      attribution.totalSeconds,
    );
    assert.equal(attribution.totalSeconds, 1);
  });

  it('puts each kind of hit into its own part', () => {
    const { labels, unlabelled, gc, runtime } = attribute(...everything);
    assert.deepEqual(
      [labels.get('a')?.hits, labels.get('b')?.hits, unlabelled.hits, gc.hits, runtime.hits],
      [9, 5, 3, 4, 9],
    );
  });

  it('says how much of a label is garbage collection, which is in its CPU too', () => {
    const { labels, gc } = attribute(
      node('(garbage collector)', [...hits(2, a), ...hits(1)]),
      node('f', hits(5, a)),
    );
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, (0.8 * 7) / 8);
    assertClose(labels.get('a')?.gcCpuSeconds ?? NaN, (0.8 * 2) / 8);
    assertClose(gc.cpuSeconds, 0.8 / 8);
  });

  it('ignores idle hits: they take no share', () => {
    const { labels } = attribute(node('(idle)', hits(1000)), node('f', hits(1, a)));
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.8);
  });

  it('does not sum the CPU values stored with samples', () => {
    const f = node('f', hits(1, a));
    const contexts = (f.contexts ?? []).map((sample) => ({ ...sample, cpuTime: 700e6 }));
    const { labels } = attribute({ ...f, contexts }, node('g', hits(1, b)));
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.4);
  });

  it('gives the binomial standard error, T * sqrt(p (1 - p) / n)', () => {
    const { labels, unlabelled, runtime } = attribute(
      node('f', [...hits(20, a), ...hits(70)]),
      node('(program)', hits(10)),
    );
    assertClose(labels.get('a')?.standardErrorSeconds ?? NaN, 0.8 * 0.04);
    assertClose(unlabelled.standardErrorSeconds, 0.8 * Math.sqrt((0.7 * 0.3) / 100));
    assertClose(runtime.standardErrorSeconds, 0.8 * 0.03);
  });

  it('gives a standard error that the spread of many samplings has', () => {
    // 2,000 windows of 100 hits, each a label's with p = 0.3, from a fixed generator: no chance is involved, the result is
    // the same in every run.
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const windows = Array.from({ length: 2_000 }, () => {
      const mine = Array.from({ length: 100 }, random).filter((x) => x < 0.3).length;
      return attribute(node('f', [...hits(mine, a), ...hits(100 - mine)])).labels.get('a');
    });
    const seconds = windows.map((share) => share?.cpuSeconds ?? NaN);
    const mean = seconds.reduce((sum, x) => sum + x, 0) / seconds.length;
    const variance = seconds.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (seconds.length - 1);
    const claimed = windows.reduce((sum, share) => sum + (share?.standardErrorSeconds ?? NaN), 0);
    assertClose(mean, 0.8 * 0.3, 0.004);
    assertClose(claimed / windows.length, Math.sqrt(variance), 0.002);
  });

  it('leaves all CPU of the thread to unlabelled when there is no hit', () => {
    const attribution = attribute(node('(idle)', hits(10)));
    assert.equal(attribution.unlabelled.cpuSeconds, 0.8);
    assert.equal(attribution.unlabelled.hits, 0);
    assertClose(threadSeconds(attribution), 0.8);
  });

  it('leaves all CPU of a failed window to unlabelled', () => {
    const attribution = attributeCpu(windowOf(new Error('no sampler'), 0.3), 'rule');
    assert.equal(attribution.labels.size, 0);
    assertClose(attribution.unlabelled.cpuSeconds, 0.3);
    assert.deepEqual(attribution.otherThreads, { cpuSeconds: 0 });
    assertClose(attribution.totalSeconds, 0.3);
  });

  it('is made of zeros where no CPU was used', () => {
    const root = node('(root)', [], node('f', hits(1, a)));
    const attribution = attributeCpu(windowOf(recording({ root }), 0), 'rule');
    assert.deepEqual(attribution.labels.get('a'), {
      cpuSeconds: 0,
      hits: 1,
      standardErrorSeconds: 0,
      gcCpuSeconds: 0,
    });
    assert.equal(attribution.totalSeconds, 0);
  });

  it('keeps apart the label values "__proto__", "" and "constructor"', () => {
    const values = ['__proto__', '', 'constructor'];
    const { labels } = attribute(
      node(
        'f',
        values.map((rule) => ({ rule })),
      ),
    );
    assert.deepEqual([...labels.keys()], values);
    for (const value of values) assertClose(labels.get(value)?.cpuSeconds ?? NaN, 0.8 / 3);
  });
});
