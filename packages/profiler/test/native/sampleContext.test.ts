import assert from 'node:assert/strict';
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
