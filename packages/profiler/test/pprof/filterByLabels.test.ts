import assert from 'node:assert/strict';
import fc from 'fast-check';
import { filterByLabels } from '../../src/pprof/filterByLabels';
import { top } from '../../src/report/top';
import { contentOf, profileOf, profiles } from '../support/profiles';

describe('filterByLabels', () => {
  const profile = profileOf({
    header: { durationNanos: 9 },
    samples: [
      { stack: ['f'], values: [1], labels: { rule: 'r1', tenant: 'a' } },
      { stack: ['g'], values: [2], labels: { rule: 'r2', tenant: 'a' } },
      { stack: ['h'], values: [4], labels: { rule: 7 } },
      { stack: ['i'], values: [8] },
    ],
  });
  const totalOf = (labels: Parameters<typeof filterByLabels>[1]): bigint =>
    top(filterByLabels(profile, labels)).total;

  it('keeps samples that have every label with one of its values', () => {
    assert.equal(totalOf({ rule: 'r1' }), 1n);
    assert.equal(totalOf({ rule: ['r1', 'r2', 'r3'] }), 3n);
    assert.equal(totalOf({ rule: ['r1', 'r2'], tenant: 'a' }), 3n);
    assert.equal(totalOf({ rule: 'r1', tenant: 'b' }), 0n);
    assert.equal(totalOf({ rule: 7n }), 4n);
    assert.equal(totalOf({ rule: [] }), 0n);
    assert.equal(totalOf({}), 15n);
  });

  it('leaves out all that only other samples refer to, and keeps the header', () => {
    const {
      function: functions,
      stringTable,
      durationNanos,
    } = filterByLabels(profile, { rule: 'r1' });
    assert.deepEqual([functions.length, durationNanos], [1, 9]);
    assert.ok(!stringTable.strings.includes('r2'));
  });

  it('divides a profile into parts that together are the whole', () => {
    fc.assert(
      fc.property(profiles(), (whole) => {
        const parts = ['r1', 'r2', 7, -7, 2n ** 62n].map((rule) =>
          contentOf(filterByLabels(whole, { rule })),
        );
        const labeled = Object.entries(contentOf(whole)).filter(([key]) => key.includes('rule\\t'));
        assert.deepEqual(Object.assign({}, ...parts), Object.fromEntries(labeled));
      }),
    );
  });

  it('refuses anything but an object of label values', () => {
    assert.throws(
      () => totalOf({ rule: undefined as unknown as string }),
      /labels\.rule must be a string/,
    );
    assert.throws(
      () => totalOf('r1' as unknown as object as Record<string, string>),
      /labels must be/,
    );
  });
});
