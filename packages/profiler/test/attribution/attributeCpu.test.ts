import assert from 'node:assert/strict';
import { type CpuAttribution, attributeCpu } from '../../src/attribution/attributeCpu';
import type { CallNode } from '../../src/window/CallNode';
import { assertClose } from '../support/assertClose';
import { type SampleSpec, hits, node, recording, rootOf, windowOf } from '../support/builders';

const a = { rule: 'a' };
const b = { rule: 'b' };

/** The window's process used 1 s of CPU, 0.2 s of it in other threads. */
function attribute(...children: CallNode[]): CpuAttribution {
  const root = node('(root)', [], ...children);
  return attributeCpu(windowOf(recording({ root, otherThreadsCpuNanos: 200e6 })), 'rule');
}

/** The same for samples in an order. */
function attributeSamples(...samples: SampleSpec[]): CpuAttribution {
  const parts = { root: rootOf(...samples), otherThreadsCpuNanos: 200e6 };
  return attributeCpu(windowOf(recording(parts)), 'rule');
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
    const { labels } = attributeSamples(
      { leaf: 'f', labels: a, cpuMicros: 1_000 },
      { leaf: '(idle)', cpuMicros: 100 },
      { leaf: 'g', labels: b, cpuMicros: 5_000 },
      { leaf: '(idle)', cpuMicros: 100 },
    );
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, labels.get('b')?.cpuSeconds ?? NaN);
  });

  it('divides the CPU of busy stretches and the rest each by their own hits', () => {
    const { labels, runtime } = attributeSamples(
      // 400 ms of CPU in stretches without a pause, all of them with `a`.
      ...Array.from({ length: 40 }, () => ({ leaf: 'f', labels: a, cpuMicros: 10_000 })),
      { leaf: 'f', labels: b, cpuMicros: 1_000 },
      { leaf: 'g', cpuMicros: 1_000 },
      { leaf: '(idle)', cpuMicros: 40 },
    );
    assertClose(runtime.cpuSeconds, 40e-6);
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.4);
    assertClose(labels.get('b')?.cpuSeconds ?? NaN, (0.4 - 40e-6) / 2);
  });

  it('gives runtime what it costs to sample a thread that waits', () => {
    const samples = Array.from({ length: 100 }, () => ({ leaf: '(idle)', cpuMicros: 30 }));
    const { runtime, labels } = attributeSamples(...samples, { leaf: 'f', labels: a });
    assertClose(runtime.cpuSeconds, 0.003);
    assert.equal(runtime.hits, 0);
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.797);
  });

  it('gives a guess at the garbage collection outside that a label caused, which is in no sum', () => {
    const { labels, gc } = attribute(
      node('(garbage collector)', [...hits(3, a), ...hits(1, b), ...hits(4)]),
      node('f', [...hits(3, b), ...hits(5)]),
    );
    assertClose(gc.cpuSeconds, 0.2);
    assertClose(labels.get('a')?.impliedGcCpuSeconds ?? NaN, 0.15);
    assertClose(labels.get('b')?.impliedGcCpuSeconds ?? NaN, 0.05);
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.15);
  });

  it('guesses by CPU where no collection began in a label', () => {
    const { labels } = attribute(
      node('(garbage collector)', hits(4)),
      node('f', [...hits(3, a), ...hits(1, b)]),
    );
    assertClose(labels.get('a')?.impliedGcCpuSeconds ?? NaN, 0.3);
    assertClose(labels.get('b')?.impliedGcCpuSeconds ?? NaN, 0.1);
  });

  it('leaves to unlabelled the CPU behind the last sample of an incomplete window', () => {
    const root = rootOf({ leaf: 'f', labels: a, cpuMicros: 10_000 });
    const parts = { root, otherThreadsCpuNanos: 0, overflowed: true };
    const { labels, unlabelled } = attributeCpu(windowOf(recording(parts)), 'rule');
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.01);
    assertClose(unlabelled.cpuSeconds, 0.99);
  });

  it('gives the binomial standard error, T * sqrt(p (1 - p) / n) with p = (k + 1/2) / (n + 1)', () => {
    const { labels, unlabelled, runtime } = attribute(
      node('f', [...hits(20, a), ...hits(70)]),
      node('(program)', hits(10)),
    );
    const expected = (k: number): number => {
      const p = (k + 0.5) / 101;
      return 0.8 * Math.sqrt((p * (1 - p)) / 100);
    };
    assertClose(labels.get('a')?.standardErrorSeconds ?? NaN, expected(20));
    assertClose(unlabelled.standardErrorSeconds, expected(70));
    assertClose(runtime.standardErrorSeconds, expected(10));
  });

  it('has an error also where all hits are of one label', () => {
    const share = attribute(node('f', hits(100, a))).labels.get('a');
    assertClose(
      share?.standardErrorSeconds ?? NaN,
      0.8 * Math.sqrt((100.5 * 0.5) / 101 ** 2 / 100),
    );
  });

  it('adds the errors of both kinds of stretches up in squares', () => {
    const half = (cpuMicros: number) => [
      ...Array.from({ length: 20 }, () => ({ leaf: 'f', labels: a, cpuMicros })),
      ...Array.from({ length: 20 }, () => ({ leaf: 'g', cpuMicros })),
    ];
    const { labels } = attributeSamples(...half(10_000), ...half(1_000));
    assertClose(labels.get('a')?.standardErrorSeconds ?? NaN, 0.4 * Math.sqrt((0.25 / 40) * 2));
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
      impliedGcCpuSeconds: 0,
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
