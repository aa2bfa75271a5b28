import assert from 'node:assert/strict';
import { type CpuAttribution, attributeCpu } from '../../src/attribution/attributeCpu';
import type { CallNode } from '../../src/model/CallNode';
import { mergeWindows } from '../../src/model/mergeWindows';
import { assertClose } from '../support/assertClose';
import {
  type SampleSpec,
  hits,
  node,
  recording,
  rootOf,
  sharedHits,
  windowOf,
} from '../support/builders';
import { createDice } from '../support/createDice';

const a = { rule: 'a' };
const b = { rule: 'b' };

/** Attributes the CPU of a window whose process used 1 s of CPU, 0.2 s of it in other threads. */
function attribute(...children: CallNode[]): CpuAttribution {
  const root = node('(root)', [], ...children);
  return attributeCpu(windowOf(recording({ root, otherThreadsCpuNanos: 200e6 })), 'rule');
}

/** Does the same for samples in a given order. */
function attributeSamples(...samples: SampleSpec[]): CpuAttribution {
  const parts = { root: rootOf(...samples), otherThreadsCpuNanos: 200e6 };
  return attributeCpu(windowOf(recording(parts)), 'rule');
}

/** Returns the CPU time of the sampled thread: the sum of all its parts. */
function threadSeconds({ labels, unlabeled, gc, runtime }: CpuAttribution): number {
  const rules = [...labels.values()].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return rules + unlabeled.cpuSeconds + gc.cpuSeconds + runtime.cpuSeconds;
}

const everything = [
  node('f', [...hits(7, a), ...hits(5, b), ...hits(3)]),
  node('(garbage collector)', [...hits(2, a), ...hits(4)]),
  node('(program)', hits(9)),
  node('(idle)', hits(100)),
];

describe('attributeCpu', () => {
  it('divides the CPU of the thread by the hits', () => {
    const { labels, unlabeled } = attribute(
      node('f', [...hits(10, a), ...hits(5, b)]),
      node('g', hits(5)),
    );
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.4);
    assertClose(labels.get('b')?.cpuSeconds ?? NaN, 0.2);
    assertClose(unlabeled.cpuSeconds, 0.2);
    assert.equal(labels.get('a')?.hits, 10);
    assert.equal(unlabeled.hits, 5);
  });

  it('divides by what a function returns for the labels of a sample', () => {
    const root = node('(root)', [], node('f', [...hits(6, a), ...hits(2, b), ...hits(2)]));
    const window = windowOf(recording({ root }));
    const { labels, unlabeled } = attributeCpu(window, ({ rule }) =>
      rule === 'a' ? 'first' : undefined,
    );
    assert.deepEqual([...labels.keys()], ['first']);
    assert.equal(labels.get('first')?.hits, 6);
    assert.equal(unlabeled.hits, 4);
  });

  it('closes the books: all parts add up to the CPU of the process', () => {
    const attribution = attribute(...everything);
    assertClose(threadSeconds(attribution), 0.8);
    assertClose(
      threadSeconds(attribution) + attribution.otherThreads.cpuSeconds,
      attribution.totalSeconds,
    );
    assert.equal(attribution.totalSeconds, 1);
  });

  it('counts each kind of hit in its own part', () => {
    const { labels, unlabeled, gc, runtime } = attribute(...everything);
    assert.deepEqual(
      [labels.get('a')?.hits, labels.get('b')?.hits, unlabeled.hits, gc.hits, runtime.hits],
      [9, 5, 3, 4, 9],
    );
  });

  it('reports the garbage collection of a label, which is part of its CPU', () => {
    const { labels, gc } = attribute(
      node('(garbage collector)', [...hits(2, a), ...hits(1)]),
      node('f', hits(5, a)),
    );
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, (0.8 * 7) / 8);
    assertClose(labels.get('a')?.gcCpuSeconds ?? NaN, (0.8 * 2) / 8);
    assertClose(gc.cpuSeconds, 0.8 / 8);
  });

  it('ignores idle hits', () => {
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

  it('gives runtime a fixed cost for each time the thread was put on a processor', () => {
    const root = node('(root)', [], node('f', [...hits(3, a), ...hits(1)]));
    const thread = { cpuSeconds: 0.8, timeslices: 1_000 };
    const { labels, runtime } = attributeCpu(windowOf(recording({ root }), 1, thread), 'rule');
    assertClose(runtime.cpuSeconds, 0.025);
    assert.equal(runtime.hits, 0);
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, (0.775 * 3) / 4);
  });

  it('gives runtime the cost of wake-ups even if there is no hit', () => {
    const thread = { cpuSeconds: 0.8, timeslices: 1_000 };
    const window = windowOf(recording({ root: node('(root)') }), 1, thread);
    const { runtime, unlabeled } = attributeCpu(window, 'rule');
    assertClose(runtime.cpuSeconds, 0.025);
    assertClose(unlabeled.cpuSeconds, 0.775);
  });

  it('limits the cost of wake-ups in an incomplete window to the sampled time', () => {
    const root = rootOf({ leaf: 'f', labels: a, cpuMicros: 200_000 });
    const thread = { cpuSeconds: 0.8, timeslices: 1_000 };
    const window = windowOf(recording({ root, overflowed: true }), 1, thread);
    const { labels, runtime, unlabeled } = attributeCpu(window, 'rule');
    assertClose(runtime.cpuSeconds, 0.025 / 4);
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.2 - 0.025 / 4);
    assertClose(unlabeled.cpuSeconds, 0.6);
  });

  it('limits the cost of wake-ups to the CPU of the thread', () => {
    const root = node('(root)', [], node('f', hits(3, a)));
    const thread = { cpuSeconds: 0.01, timeslices: 1_000 };
    const { labels, runtime } = attributeCpu(windowOf(recording({ root }), 1, thread), 'rule');
    assertClose(runtime.cpuSeconds, 0.01);
    assert.equal(labels.get('a')?.cpuSeconds, 0);
  });

  it('estimates the garbage collection outside labels that a label caused, without adding it', () => {
    const { labels, gc } = attribute(
      node('(garbage collector)', [...hits(3, a), ...hits(1, b), ...hits(4)]),
      node('f', [...hits(3, b), ...hits(5)]),
    );
    assertClose(gc.cpuSeconds, 0.2);
    assertClose(labels.get('a')?.impliedGcCpuSeconds ?? NaN, 0.15);
    assertClose(labels.get('b')?.impliedGcCpuSeconds ?? NaN, 0.05);
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.15);
  });

  it('estimates by CPU if no collection began in a label', () => {
    const { labels } = attribute(
      node('(garbage collector)', hits(4)),
      node('f', [...hits(3, a), ...hits(1, b)]),
    );
    assertClose(labels.get('a')?.impliedGcCpuSeconds ?? NaN, 0.3);
    assertClose(labels.get('b')?.impliedGcCpuSeconds ?? NaN, 0.1);
  });

  it('counts the CPU after the last sample of an incomplete window as unlabeled', () => {
    const root = rootOf({ leaf: 'f', labels: a, cpuMicros: 10_000 });
    const parts = { root, otherThreadsCpuNanos: 0, overflowed: true };
    const { labels, unlabeled } = attributeCpu(windowOf(recording(parts)), 'rule');
    assertClose(labels.get('a')?.cpuSeconds ?? NaN, 0.01);
    assertClose(unlabeled.cpuSeconds, 0.99);
  });

  /**
   * Returns the binomial error of `k` of `n` hits that divide `cpu` seconds, together with a
   * systematic error: a share of the figure, one fortieth by default.
   */
  const errorOf = (k: number, n: number, cpu: number, systematic = 0.025): number => {
    const p = (k + 0.5) / (n + 1);
    return Math.hypot(cpu * Math.sqrt((p * (1 - p)) / n), (systematic * cpu * k) / n);
  };

  it('gives the binomial standard error together with a systematic error', () => {
    const { labels, unlabeled, runtime } = attribute(
      node('f', [...hits(20, a), ...hits(70)]),
      node('(program)', hits(10)),
    );
    assertClose(labels.get('a')?.standardErrorSeconds ?? NaN, errorOf(20, 100, 0.8));
    assertClose(unlabeled.standardErrorSeconds, errorOf(70, 100, 0.8));
    assertClose(runtime.standardErrorSeconds, errorOf(10, 100, 0.8));
  });

  it('has an error even if all hits are of one label', () => {
    const share = attribute(node('f', hits(100, a))).labels.get('a');
    assertClose(share?.standardErrorSeconds ?? NaN, errorOf(100, 100, 0.8));
  });

  it('has a larger systematic error in a contended window: half the share of waiting', () => {
    const root = node('(root)', [], node('f', [...hits(75, a), ...hits(75)]));
    const errorAfter = (waitSeconds: number): number => {
      const window = windowOf(recording({ root }), 1, { cpuSeconds: 1, waitSeconds });
      return attributeCpu(window, 'rule').labels.get('a')?.standardErrorSeconds ?? NaN;
    };
    assertClose(errorAfter(0.09), errorOf(75, 150, 1));
    assertClose(errorAfter(0.25), errorOf(75, 150, 1, Math.hypot(0.025, 0.5 * 0.2)));
  });

  it('has a larger systematic error if wake-ups used much CPU: half their share', () => {
    const root = node('(root)', [], node('f', [...hits(75, a), ...hits(75)]));
    const window = windowOf(recording({ root }), 1, { cpuSeconds: 0.5, timeslices: 4_000 });
    const { standardErrorSeconds = NaN } = attributeCpu(window, 'rule').labels.get('a') ?? {};
    assertClose(standardErrorSeconds, errorOf(75, 150, 0.4, Math.hypot(0.025, 0.5 * 0.2)));
  });

  it('has a very large systematic error if samples are not fair', () => {
    const root = node('(root)', [], node('f', [...hits(75, a), ...hits(75)]));
    const unfair = attributeCpu(windowOf(recording({ root, fair: false })), 'rule');
    const { standardErrorSeconds = NaN } = unfair.labels.get('a') ?? {};
    assert.equal(unfair.systematicShare, Math.hypot(0.025, 0.5));
    assertClose(standardErrorSeconds, errorOf(75, 150, 1, Math.hypot(0.025, 0.5)));
  });

  it('adds the errors of the parts of a merged window in squares', () => {
    const part = (interval: number) => ({
      ...windowOf(
        recording({ root: node('(root)', [], node('f', [...hits(20, a), ...hits(20)])) }),
      ),
      samplingIntervalMicros: interval,
    });
    const merged = mergeWindows([part(10_000), part(20_000)]);
    const { standardErrorSeconds = NaN } = attributeCpu(merged, 'rule').labels.get('a') ?? {};
    assertClose(standardErrorSeconds, Math.hypot(Math.sqrt((0.25 / 40) * 2), 0.025));
  });

  it('gives a standard error that matches the spread of many samplings', () => {
    // 2,000 windows of 100 hits, each of which has the label with p = 0.3. The generator is fixed,
    // so the result is the same in every run.
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
    assertClose(claimed / windows.length, Math.hypot(Math.sqrt(variance), 0.025 * mean), 0.002);
  });

  it('counts all CPU of the thread as unlabeled if there is no hit', () => {
    const attribution = attribute(node('(idle)', hits(10)));
    assert.equal(attribution.unlabeled.cpuSeconds, 0.8);
    assert.equal(attribution.unlabeled.hits, 0);
    assertClose(threadSeconds(attribution), 0.8);
  });

  it('counts all CPU of a failed window as unlabeled', () => {
    const attribution = attributeCpu(windowOf(new Error('no sampler'), 0.3), 'rule');
    assert.equal(attribution.labels.size, 0);
    assertClose(attribution.unlabeled.cpuSeconds, 0.3);
    assert.deepEqual(attribution.otherThreads, { cpuSeconds: 0 });
    assertClose(attribution.totalSeconds, 0.3);
  });

  it('returns zeros if no CPU was used', () => {
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

  it('distinguishes the label values "__proto__", "" and "constructor"', () => {
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

describe('attributeCpu of shared work', () => {
  const weights = { a: 2, b: 1 };
  const tenant = { tenant: 't' };

  it('divides CPU and hits by weight, beside the own work of the rules, and closes the books', () => {
    const attribution = attribute(
      node('decode', sharedHits(12, weights)),
      node('f', [...hits(3, a), ...hits(1, b), ...hits(2)]),
      node('(garbage collector)', [...sharedHits(3, weights), ...hits(1)]),
      node('(program)', sharedHits(2, weights)),
    );
    const { labels, unlabeled, gc, runtime } = attribution;
    assertClose(labels.get('a')!.cpuSeconds, (0.8 * 13) / 24);
    assertClose(labels.get('b')!.cpuSeconds, (0.8 * 6) / 24);
    assertClose(labels.get('a')!.gcCpuSeconds, (0.8 * 2) / 24);
    const counted = [labels.get('a')!, labels.get('b')!, unlabeled, gc, runtime];
    [13, 6, 2, 1, 2].forEach((expected, i) => assertClose(counted[i]!.hits, expected));
    assertClose(threadSeconds(attribution), 0.8);
  });

  it('gives each of many rules its part, also if no sum of weights is finite', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, 1e308]));
    const attribution = attribute(node('decode', sharedHits(50, many)));
    assert.equal(attribution.labels.size, 100);
    for (const { cpuSeconds, hits } of attribution.labels.values()) {
      assertClose(cpuSeconds, 0.008);
      assertClose(hits, 0.5);
    }
    assertClose(threadSeconds(attribution), 0.8);
  });

  it('gives a part its share of the error of the whole, random and systematic', () => {
    const others = node('f', hits(7));
    const { labels: whole } = attribute(others, node('decode', hits(9, a)));
    const { labels } = attribute(others, node('decode', sharedHits(9, { a: 1, b: 99 })));
    const error = whole.get('a')!.standardErrorSeconds;
    assertClose(labels.get('a')!.standardErrorSeconds, error / 100);
    assertClose(labels.get('b')!.standardErrorSeconds, (error * 99) / 100);
  });

  it('counts parts with one value together: a label that all parts have, or a group of rules', () => {
    const window = (...samples: Parameters<typeof node>[1][]) => {
      const root = node('(root)', [], node('decode', samples.flat()), node('f', hits(5)));
      return windowOf(recording({ root }));
    };
    const shared = window(sharedHits(9, weights, tenant));
    const own = window(hits(9, { ...tenant, rule: 'group' }));
    for (const [key, value] of [
      ['tenant', 't'],
      [({ rule }: Record<string, string>) => rule && 'group', 'group'],
    ] as const) {
      const [found, expected] = [shared, own].map((each) => attributeCpu(each, key as 'tenant'));
      for (const figure of ['cpuSeconds', 'hits', 'standardErrorSeconds'] as const)
        assertClose(found!.labels.get(value)![figure], expected!.labels.get(value)![figure]);
    }
  });

  it('counts parts without the label as unlabeled', () => {
    const root = node('(root)', [], node('decode', sharedHits(9, weights)));
    const window = windowOf(recording({ root }));
    const { labels, unlabeled } = attributeCpu(window, ({ rule }) => (rule === 'a' ? rule : ''));
    assertClose(labels.get('a')!.hits, 6);
    assert.equal(unlabeled.hits, 0);
    const rest = attributeCpu(window, ({ rule }) => (rule === 'a' ? rule : undefined)).unlabeled;
    assertClose(rest.hits, 3);
    assertClose(rest.cpuSeconds, 1 / 3);
  });

  it('is the same for a window that was sent to another thread or as JSON', () => {
    const root = node('(root)', [], node('decode', sharedHits(9, weights)), node('f', hits(4, a)));
    const window = windowOf(recording({ root }));
    const json = JSON.parse(JSON.stringify(window)) as typeof window;
    for (const copy of [structuredClone(window), json]) {
      for (const [value, share] of attributeCpu(copy, 'rule').labels) {
        assertClose(share.cpuSeconds, attributeCpu(window, 'rule').labels.get(value)!.cpuSeconds);
      }
    }
  });

  it('states the error that the figures have when samples are random', () => {
    // Each sample is of shared work, of own work of `a`, or of other work. The dice are the same in
    // each run. The standard error of a variance over 4,000 windows is 2 %: 10 % are five of them.
    const dice = createDice(20_261_128);
    const [rounds, n] = [4_000, 60];
    const shares = { a: 3, b: 1 };
    const found: Record<string, number[]> = { a: [], b: [] };
    const variances = { a: 0, b: 0 };
    for (let round = 0; round < rounds; round++) {
      const drawn = [0, 0, 0];
      for (let i = 0; i < n; i++) drawn[[0, 0, 0, 1, 2, 2][dice(6)]!]!++;
      const root = node(
        '(root)',
        [],
        node('decode', sharedHits(drawn[0]!, shares)),
        node('f', hits(drawn[1]!, a)),
        node('g', hits(drawn[2]!)),
      );
      const { labels, systematicShare } = attributeCpu(windowOf(recording({ root })), 'rule');
      for (const rule of ['a', 'b'] as const) {
        const { cpuSeconds, standardErrorSeconds } = labels.get(rule)!;
        found[rule]!.push(cpuSeconds);
        variances[rule] += standardErrorSeconds ** 2 - (systematicShare * cpuSeconds) ** 2;
      }
    }
    for (const rule of ['a', 'b'] as const) {
      const mean = found[rule]!.reduce((sum, cpu) => sum + cpu, 0) / rounds;
      const actual = found[rule]!.reduce((sum, cpu) => sum + (cpu - mean) ** 2, 0) / rounds;
      assertClose(variances[rule] / rounds / actual, 1, 0.1);
    }
  });
});
