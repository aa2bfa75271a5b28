import assert from 'node:assert/strict';
import { combineLabels } from '../src/combineLabels';

describe('combineLabels', () => {
  it('takes the rule from the Context and all else from the flow', () => {
    const current = { tenant: 't', rule: 'outer' };
    assert.deepEqual(combineLabels(current, 'inner'), { tenant: 't', rule: 'inner' });
    assert.deepEqual(combineLabels(current, undefined), { tenant: 't' });
    assert.deepEqual(current, { tenant: 't', rule: 'outer' });
  });

  it('leaves nothing where only a rule was', () => {
    assert.equal(combineLabels({ rule: 'outer' }, undefined), undefined);
  });

  it('keeps what others hang on a label set under a symbol', () => {
    const mark = Symbol('mark');
    const current = { rule: 'outer', [mark]: 1 };
    assert.deepEqual(combineLabels(current, undefined), { [mark]: 1 });
  });

  it('gives the same object for the same labels: the native part is made once', () => {
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

  it('takes any string for a rule', () => {
    assert.deepEqual(combineLabels({ tenant: 't' }, '__proto__')?.['rule'], '__proto__');
  });
});
