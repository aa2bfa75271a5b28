import assert from 'node:assert/strict';
import { boundedString } from '../../src/base/boundedString';
import type { LabelSet } from '../../src/model/LabelSet';
import { boundLabels } from '../../src/model/boundLabels';

const LONG = 'é'.repeat(100_000);

describe('boundLabels', () => {
  it('shortens long values and keys in a copy', () => {
    const labels = Object.freeze({ rule: LONG, [`${LONG}2`]: 'v', short: 's' });
    assert.deepEqual(boundLabels(labels), {
      rule: boundedString(LONG),
      [boundedString(`${LONG}2`)]: 'v',
      short: 's',
    });
  });

  it('returns the same object if nothing is long', () => {
    const labels = Object.freeze({ rule: 'r1' });
    assert.equal(boundLabels(labels), labels);
  });

  it('keeps what other code has set under a symbol', () => {
    const [key, context] = [Symbol('context'), {}];
    const labels = { rule: LONG, [key]: context } as LabelSet;
    assert.equal((boundLabels(labels) as Record<symbol, unknown>)[key], context);
  });

  it('leaves values alone that are not strings', () => {
    const labels = { rule: Array(1_000).fill('x'), none: undefined } as unknown as LabelSet;
    assert.equal(boundLabels(labels), labels);
  });
});
