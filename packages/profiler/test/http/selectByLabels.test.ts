import assert from 'node:assert/strict';
import { selectByLabels } from '../../src/http/selectByLabels';
import { comments, plain } from '../support/pprof';
import { profileOf } from '../support/profiles';
import { refusal } from '../support/refusal';

const profile = profileOf({
  comments: ['a test'],
  samples: [
    { stack: ['a'], labels: { rule: 'r1', tenant: 't1' }, values: [1] },
    { stack: ['a'], labels: { rule: 'r2', tenant: 't1' }, values: [2] },
    { stack: ['a'], labels: { rule: 'r3', tenant: 't2' }, values: [4] },
    { stack: ['a'], labels: { rule: 'r1' }, values: [8] },
    { stack: ['a'], values: [16] },
  ],
});

const total = (labels: Record<string, string[]>): number =>
  plain(selectByLabels(profile, labels)).reduce((sum, { values }) => sum + values[0]!, 0);

describe('selectByLabels', () => {
  it('keeps samples with any of the values of each label', () => {
    assert.equal(total({ rule: ['r1'] }), 9);
    assert.equal(total({ rule: ['r1', 'r3'] }), 13);
    assert.equal(total({ rule: ['r1', 'r3'], tenant: ['t1'] }), 1);
    assert.equal(total({ rule: ['constructor'] }), 0);
  });

  it('says in a comment what it kept', () => {
    assert.deepEqual(comments(selectByLabels(profile, { rule: ['r1', 'r"2'] })), [
      'a test',
      'only samples with rule="r1" or "r\\"2"',
    ]);
  });

  it('gives no samples for a value that none has, and lists those there are', () => {
    const result = selectByLabels(profile, { rule: ['r9'] });
    assert.deepEqual(plain(result), []);
    assert.equal(comments(result).at(-1), 'no sample has that rule; there are "r1", "r2", "r3"');
  });

  it('takes a label that no sample has for a slip, where there are others', () => {
    assert.deepEqual(
      refusal(() => selectByLabels(profile, { second: ['5'] })),
      [404, 'no sample has a label "second"; there are "rule", "tenant"'],
    );
    const unlabeled = profileOf({ samples: [{ stack: ['a'], values: [1] }] });
    assert.deepEqual(plain(selectByLabels(unlabeled, { rule: ['r1'] })), []);
  });

  it('does not list without end', () => {
    const many = profileOf({
      samples: Array.from({ length: 1_000 }, (_, i) => ({
        stack: ['a'],
        labels: { rule: `${i}`.padEnd(1_000, 'x') },
        values: [1],
      })),
    });
    const last = comments(selectByLabels(many, { rule: ['r9'] })).at(-1)!;
    assert.ok(last.endsWith(', 980 more') && last.length < 3_000, `${last.length}`);
  });
});
