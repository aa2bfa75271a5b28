import assert from 'node:assert/strict';
import { boundedString } from '../../src/base/boundedString';
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
