import assert from 'node:assert/strict';
import { combineLabels } from '../src/combineLabels';

describe('combineLabels', () => {
  it('combines with a rule whose id is too long to be kept', () => {
    const rule = 'x'.repeat(100_000);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(combineLabels({ tenant: 't' }, undefined, { rule }), { tenant: 't', rule });
    }
  });

  it('takes the rule from the Context and all other labels from the flow', () => {
    const current = { tenant: 't', rule: 'outer' };
    assert.deepEqual(combineLabels(current, { rule: 'outer' }, { rule: 'inner' }), {
      tenant: 't',
      rule: 'inner',
    });
    assert.deepEqual(combineLabels(current, { rule: 'outer' }, undefined), { tenant: 't' });
    assert.deepEqual(current, { tenant: 't', rule: 'outer' });
  });

  it('takes all labels of the Context from the new Context', () => {
    const current = { stage: 's', tenant: 'a', rule: 'r' };
    const outer = { tenant: 'a', rule: 'r' };
    assert.deepEqual(combineLabels(current, outer, { tenant: 'b' }), { stage: 's', tenant: 'b' });
    assert.deepEqual(combineLabels(current, outer, undefined), { stage: 's' });
  });

  it('keeps what the flow has overridden where both Contexts have the same label', () => {
    const outer = { tenant: 'a', stage: 's', rule: 'r' };
    const current = { ...outer, tenant: 'x' };
    assert.deepEqual(combineLabels(current, outer, { ...outer, rule: 'q' }), {
      tenant: 'x',
      stage: 's',
      rule: 'q',
    });
    assert.deepEqual(combineLabels({ ...current }, outer, { tenant: 'b' }), { tenant: 'b' });
    assert.deepEqual(combineLabels({ ...current }, outer, undefined), { tenant: 'x' });
    assert.equal(combineLabels({}, { tenant: 'a' }, { tenant: 'a' }), undefined);
  });

  it('returns undefined if the only label was the rule', () => {
    assert.equal(combineLabels({ rule: 'outer' }, undefined, undefined), undefined);
  });

  it('keeps properties that others set under a symbol', () => {
    const symbol = Symbol('other');
    const current = { rule: 'outer', [symbol]: 1 };
    assert.deepEqual(combineLabels(current, { rule: 'outer' }, undefined), { [symbol]: 1 });
  });

  it('returns the same object for the same labels, so its native part is made once', () => {
    const current = { tenant: 't' };
    const [a, b] = [{ rule: 'a' }, { rule: 'b' }];
    assert.equal(combineLabels(current, undefined, a), combineLabels(current, undefined, a));
    assert.notEqual(combineLabels(current, undefined, a), combineLabels(current, undefined, b));
  });

  it('is right for more rules than it keeps', () => {
    const current = { tenant: 't' };
    const rules = Array.from({ length: 300 }, (_, i) => ({ rule: `r${i}` }));
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < rules.length; i++) {
        const rule = rules[i]!;
        assert.deepEqual(combineLabels(current, undefined, rule), { tenant: 't', ...rule });
      }
    }
  });

  it('takes any string as a rule', () => {
    assert.deepEqual(
      combineLabels({ tenant: 't' }, undefined, { rule: '__proto__' })?.['rule'],
      '__proto__',
    );
  });
});
