import assert from 'node:assert/strict';
import { combineLabels } from '../src/combineLabels';

describe('combineLabels', () => {
  it('combines with a rule whose id is too long to be kept', () => {
    const rule = 'x'.repeat(100_000);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(combineLabels({ tenant: 't' }, rule), { tenant: 't', rule });
    }
  });

  it('takes the rule from the Context and all other labels from the flow', () => {
    const current = { tenant: 't', rule: 'outer' };
    assert.deepEqual(combineLabels(current, 'inner'), { tenant: 't', rule: 'inner' });
    assert.deepEqual(combineLabels(current, undefined), { tenant: 't' });
    assert.deepEqual(current, { tenant: 't', rule: 'outer' });
  });

  it('returns undefined if the only label was the rule', () => {
    assert.equal(combineLabels({ rule: 'outer' }, undefined), undefined);
  });

  it('keeps properties that others set under a symbol', () => {
    const symbol = Symbol('other');
    const current = { rule: 'outer', [symbol]: 1 };
    assert.deepEqual(combineLabels(current, undefined), { [symbol]: 1 });
  });

  it('returns the same object for the same labels, so its native part is made once', () => {
    const current = { tenant: 't' };
    assert.equal(combineLabels(current, 'a'), combineLabels(current, 'a'));
    assert.notEqual(combineLabels(current, 'a'), combineLabels(current, 'b'));
  });

  it('is right for more rules than it keeps', () => {
    const current = { tenant: 't' };
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 300; i++) {
        assert.deepEqual(combineLabels(current, `r${i}`), { tenant: 't', rule: `r${i}` });
      }
    }
  });

  it('takes any string as a rule', () => {
    assert.deepEqual(combineLabels({ tenant: 't' }, '__proto__')?.['rule'], '__proto__');
  });
});
