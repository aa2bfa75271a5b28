import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boundedString } from '../../src/base/boundedString';
import {
  partsOf,
  sharedLabelIn,
  withSharedLabel,
  withoutSharedLabel,
} from '../../src/model/sharedLabel';
import { assertClose } from '../support/assertClose';

const shared = { key: 'rule', weights: [['a', 2] as const, ['b', 1] as const] };

describe('a shared label', () => {
  it('is part of a label set and of its copies, and no label', () => {
    const labels = withSharedLabel({ tenant: 't' }, shared);
    assert.deepEqual(Object.entries(labels), [['tenant', 't']]);
    assert.equal(sharedLabelIn({ ...labels, stage: 's' }), shared);
    assert.deepEqual(withoutSharedLabel(labels), { tenant: 't' });
    assert.equal(sharedLabelIn(withoutSharedLabel(labels)), undefined);
    assert.equal(sharedLabelIn(undefined), undefined);
  });

  it('divides a sample by weight', () => {
    assert.deepEqual(partsOf({ tenant: 't' }, shared), [
      { labels: { rule: 'a', tenant: 't' }, share: 2 / 3 },
      { labels: { rule: 'b', tenant: 't' }, share: 1 / 3 },
    ]);
  });

  it('yields to a label with its key, and has short values', () => {
    const long = 'x'.repeat(1_000);
    const weights = [[long, 1] as const, ['b', 1] as const];
    const rules = (labels: Record<string, string>) =>
      partsOf(labels, { key: 'rule', weights }).map((part) => part.labels['rule']);
    assert.deepEqual(rules({}), [boundedString(long), 'b']);
    assert.deepEqual(rules({ rule: 'own' }), ['own', 'own']);
  });

  it('has shares that sum to 1, whatever the weights', () => {
    const weight = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 1_000 }), (numbers) => {
        const weights = numbers.map((number, i) => [`r${i}`, number] as const);
        const shares = partsOf({}, { key: 'rule', weights }).map(({ share }) => share);
        assertClose(
          shares.reduce((sum, share) => sum + share, 0),
          1,
          1e-12,
        );
        assert.ok(shares.every((share) => share >= 0));
      }),
    );
  });
});
