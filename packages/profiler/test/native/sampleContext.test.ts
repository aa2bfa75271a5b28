import assert from 'node:assert/strict';
import { boundedString } from '../../src/base/boundedString';
import { withSharedLabel } from '../../src/model/sharedLabel';
import { sampleContextReader, toSampleContext } from '../../src/native/sampleContext';

describe('a sample context', () => {
  it('is a text, which keeps no realm in memory, and reads as equal labels', () => {
    const labels = { rule: 'a "b"', 'a\nkey': '\u{1f600}', __proto__x: '' };
    const context = toSampleContext(labels);
    assert.equal(typeof context, 'string');
    assert.deepEqual(sampleContextReader()(context), { labels });
  });

  it('is the same object for all samples with equal labels of a recording', () => {
    const read = sampleContextReader();
    assert.equal(read(toSampleContext({ rule: 'a' })), read(toSampleContext({ rule: 'a' })));
    assert.notEqual(read(toSampleContext({ rule: 'a' })), read(toSampleContext({ rule: 'b' })));
  });

  it('reads as short labels, and leaves the labels of the application alone', () => {
    const long = 'x'.repeat(100_000);
    const short = { rule: boundedString(long) };
    assert.deepEqual(sampleContextReader()(toSampleContext({ rule: long })).labels, short);
    const labels = Object.freeze({ rule: long });
    const cell = { labels };
    const read = sampleContextReader();
    assert.deepEqual(read(cell).labels, short);
    assert.equal(read({ labels }), read(cell), 'one copy for one label set');
    assert.equal(cell.labels, labels, 'the cell may label samples of the next window');
  });

  it('reads as the parts of a shared label, which is part of the text', () => {
    const shared = { key: 'rule', weights: [['a', 3] as const, ['__proto__', 1] as const] };
    const labels = withSharedLabel({ tenant: 't' }, shared);
    const context = toSampleContext(labels);
    assert.equal(typeof context, 'string');
    const expected = {
      labels: { tenant: 't' },
      parts: [
        { labels: { tenant: 't', rule: 'a' }, share: 0.75 },
        { labels: { tenant: 't', rule: '__proto__' }, share: 0.25 },
      ],
    };
    const read = sampleContextReader();
    assert.deepEqual(read(context), expected);
    assert.equal(read(toSampleContext(labels)), read(context), 'one object for one text');
    assert.deepEqual(read({ labels }), expected, 'the cell of a runtime without frames');
    assert.deepEqual(structuredClone(read({ labels })), expected);
  });

  it('divides a shared label beside objects under symbols', () => {
    const [key, object] = [Symbol('context'), {}];
    const shared = { key: 'rule', weights: [['a', 1] as const, ['b', 1] as const] };
    const { labels, parts } = sampleContextReader()(
      toSampleContext({ ...withSharedLabel(undefined, shared), [key]: object }),
    );
    assert.deepEqual(labels, { [key]: object });
    assert.deepEqual(
      parts?.map((part) => [part.labels['rule'], part.share]),
      [
        ['a', 0.5],
        ['b', 0.5],
      ],
    );
  });

  it('keeps the objects under symbols, and does not change with the labels', () => {
    const [key, object] = [Symbol('context'), {}];
    const labels = { rule: 'a', [key]: object };
    const context = toSampleContext(labels);
    assert.notEqual((context as { labels: unknown }).labels, labels);
    labels.rule = 'b';
    const read = sampleContextReader()(context).labels as unknown as typeof labels;
    assert.equal(read.rule, 'a');
    assert.equal(read[key], object);
  });
});
