import assert from 'node:assert/strict';
import { getLabels, runWithLabels } from '../../src/thread/threadLabels';
import { carryLabels, withCarriedLabels } from '../../src/thread/carryLabels';

/** Returns the message as the other thread receives it. */
const sent = <T>(message: T): T => structuredClone(message);

/** Handles a message: returns it and the current labels. */
const handle = withCarriedLabels((message: unknown) => [message, { ...getLabels() }]);

describe('carryLabels', () => {
  it('carries the labels of the flow with the message; inner labels replace outer ones', () => {
    const carried = runWithLabels({ a: '1', b: '1' }, () =>
      runWithLabels({ b: '2' }, () => carryLabels({ n: 1 })),
    );
    assert.deepEqual(handle(sent(carried)), [{ n: 1 }, { a: '1', b: '2' }]);
    assert.equal(getLabels(), undefined);
  });

  it('returns the message itself if the flow has no labels', () => {
    const message = { n: 1 };
    assert.equal(carryLabels(message), message);
    assert.deepEqual(handle(message), [message, {}]);
  });

  it('adds the carried labels to the current labels of the receiver', () => {
    const carried = runWithLabels({ a: '1' }, () => carryLabels(1));
    const found = runWithLabels({ b: '2' }, () => handle(sent(carried)));
    assert.deepEqual(found, [1, { a: '1', b: '2' }]);
  });

  it('leaves a message that already carries labels unchanged', () => {
    const carried = runWithLabels({ a: '1' }, () => carryLabels(1));
    assert.equal(
      runWithLabels({ a: '2' }, () => carryLabels(carried)),
      carried,
    );
  });

  it('accepts messages of any other form', () => {
    const key = Object.keys(runWithLabels({ a: '1' }, () => carryLabels(1)) as object)[0]!;
    for (const value of [null, undefined, 1, 'x', {}, { [key]: 1 }, { [key]: null, message: 1 }]) {
      assert.deepEqual(handle(value), [value, {}]);
    }
    assert.deepEqual(handle({ [key]: { a: 1, b: 'x' }, message: 2 }), [2, { b: 'x' }]);
  });
});
