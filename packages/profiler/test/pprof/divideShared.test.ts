import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallNode } from '../../src/model/CallNode';
import { mergeWindows } from '../../src/model/mergeWindows';
import { ProfileSum } from '../../src/pprof/ProfileSum';
import { toPprof } from '../../src/pprof/toPprof';
import { hits, node, recording, sharedHits, windowOf } from '../support/builders';
import { type PlainSample, comments, plain } from '../support/pprof';

const windowWith = (...children: CallNode[]) =>
  windowOf(recording({ root: node('(root)', [], ...children) }));
const samplesIn = (...children: CallNode[]): PlainSample[] =>
  plain(toPprof(windowWith(...children)));

/** Returns the sums of the sample types, by rule. */
function byRule(samples: readonly PlainSample[]): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const { labels, values } of samples) {
    const sum = (sums[labels['rule'] ?? ''] ??= values.map(() => 0));
    values.forEach((value, i) => (sum[i]! += value));
  }
  return sums;
}

describe('shared work in a profile', () => {
  it('has a sample for each rule, with the values divided by weight', () => {
    const samples = samplesIn(
      node('decode', [...sharedHits(3, { a: 2, b: 1 }, { tenant: 't' }), ...hits(1)]),
    );
    const expected = [
      { stack: ['decode'], labels: {}, values: [1, 250e6, 250e6] },
      { stack: ['decode'], labels: { rule: 'a', tenant: 't' }, values: [2, 500e6, 500e6] },
      { stack: ['decode'], labels: { rule: 'b', tenant: 't' }, values: [1, 250e6, 250e6] },
    ];
    assert.deepEqual(samples, expected);
  });

  it('is added to the own work of a rule with the same stack', () => {
    const samples = samplesIn(
      node('f', [...hits(2, { rule: 'a' }), ...sharedHits(2, { a: 1, b: 1 })]),
    );
    assert.deepEqual(
      samples.map(({ labels, values }) => [labels['rule'], values[0], values[2]]),
      [
        ['a', 3, 750e6],
        ['b', 1, 250e6],
      ],
    );
  });

  it('is kept apart by the rules that share it', () => {
    const shared = [...sharedHits(2, { a: 1, b: 1 }), ...sharedHits(4, { c: 1, b: 1 })];
    const counts = Object.entries(byRule(samplesIn(node('f', shared))));
    assert.deepEqual(
      counts.map(([rule, [count]]) => [rule, count]),
      [
        ['a', 1],
        ['b', 3],
        ['c', 2],
      ],
    );
  });

  it('counts by part for the limit of a profile', () => {
    const weights = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, 1]));
    const sum = new ProfileSum(100);
    for (let i = 0; i < 2; i++) sum.add(windowWith(node('f', sharedHits(100, weights))));
    const profile = sum.build();
    assert.match(comments(profile).join(), /incomplete: overflow/);
    assert.equal(byRule(plain(profile))['r0']![0], 1);
  });

  it('is summed over windows', () => {
    const window = () => windowWith(node('f', sharedHits(3, { a: 2, b: 1 })));
    const merged = mergeWindows([window(), window()]);
    assert.deepEqual(byRule(plain(toPprof(merged))), {
      a: [4, 1_333_333_333, 1_333_333_333],
      b: [2, 666_666_667, 666_666_667],
    });
  });

  it('gives many rules their share of the samples, although most stacks have one sample', () => {
    const weights = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, 1]));
    const nodes = Array.from({ length: 400 }, (_, i) => node(`f${i}`, sharedHits(1, weights)));
    for (const [rule, [count]] of Object.entries(byRule(samplesIn(...nodes)))) {
      assert.ok(Math.abs(count! - 4) <= 1, `${rule} has ${count} of 400 samples`);
    }
  });

  it('keeps all sums, as whole numbers', () => {
    const weight = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
    const weights = fc.array(weight, { minLength: 2, maxLength: 20 });
    const counts = fc.array(fc.nat(30), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(weights, counts, (numbers, each) => {
        const rules = Object.fromEntries(numbers.map((number, i) => [`r${i}`, number]));
        const stacks = (samples: (count: number) => Parameters<typeof node>[1]) =>
          each.map((count, i) => node(`f${i}`, samples(count)));
        const divided = samplesIn(...stacks((count) => sharedHits(count, rules)));
        const whole = samplesIn(...stacks((count) => hits(count, { rule: 'all' })));
        for (const { stack, values } of whole) {
          const parts = divided.filter((part) => part.stack[0] === stack[0]);
          values.forEach((value, i) => {
            const found = parts.map((part) => part.values[i]!);
            assert.equal(
              found.reduce((sum, part) => sum + part, 0),
              value,
            );
            assert.ok(found.every((part) => Number.isInteger(part) && part >= 0));
          });
        }
      }),
    );
  });
});
