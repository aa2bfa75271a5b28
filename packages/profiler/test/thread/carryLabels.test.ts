import assert from 'node:assert/strict';
import { getLabels, runWithLabels } from '../../src/thread/threadLabels';
import { carryLabels, withCarriedLabels } from '../../src/thread/carryLabels';

/** A message as the other thread gets it. */
const sent = <T>(message: T): T => structuredClone(message);

/** What a handler sees: the message and the labels. */
const handle = withCarriedLabels((message: unknown) => [message, { ...getLabels() }]);

describe('carryLabels', () => {
  it('carries the labels of the flow with the message, inner over outer', () => {
    const carried = runWithLabels({ a: '1', b: '1' }, () =>
      runWithLabels({ b: '2' }, () => carryLabels({ n: 1 })),
    );
    assert.deepEqual(handle(sent(carried)), [{ n: 1 }, { a: '1', b: '2' }]);
    assert.equal(getLabels(), undefined);
  });

  it('leaves a message alone where there are none', () => {
    const message = { n: 1 };
    assert.equal(carryLabels(message), message);
    assert.deepEqual(handle(message), [message, {}]);
  });

  it('adds to the labels that are current where it arrives', () => {
    const carried = runWithLabels({ a: '1' }, () => carryLabels(1));
    const found = runWithLabels({ b: '2' }, () => handle(sent(carried)));
    assert.deepEqual(found, [1, { a: '1', b: '2' }]);
  });

  it('what is carried already keeps its labels', () => {
    const carried = runWithLabels({ a: '1' }, () => carryLabels(1));
    assert.equal(
      runWithLabels({ a: '2' }, () => carryLabels(carried)),
      carried,
    );
  });

  it('takes no harm from what comes from elsewhere', () => {
    const key = Object.keys(runWithLabels({ a: '1' }, () => carryLabels(1)) as object)[0]!;
    for (const value of [null, undefined, 1, 'x', {}, { [key]: 1 }, { [key]: null, message: 1 }]) {
      assert.deepEqual(handle(value), [value, {}]);
    }
    assert.deepEqual(handle({ [key]: { a: 1, b: 'x' }, message: 2 }), [2, { b: 'x' }]);
  });
});
