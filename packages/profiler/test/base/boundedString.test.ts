import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { boundedString } from '../../src/base/boundedString';

describe('boundedString', () => {
  it('returns a string of up to 256 characters as it is', () => {
    for (const text of ['', 'a', '\ud800', 'é'.repeat(256)])
      assert.equal(boundedString(text), text);
  });

  it('returns 256 characters for a longer one: its beginning, and a hash of all of it', () => {
    for (const text of ['x'.repeat(257), 'x'.repeat(100_000)]) {
      assert.match(boundedString(text), /^x{239}~[0-9a-f]{16}$/);
    }
  });

  it('keeps strings apart that differ anywhere, and only these', () => {
    const long = 'x'.repeat(10_000);
    const texts = [long, `${long}x`, `${long}y`, `y${long}`, `${long}\ud800`, `${long}\ud801`];
    assert.equal(new Set(texts.map(boundedString)).size, texts.length);
    for (const text of texts) {
      const copy = text.split('').join('');
      assert.equal(boundedString(copy), boundedString(text));
      assert.equal(boundedString(boundedString(text)), boundedString(text));
    }
  });

  it('keeps 100,000 random strings apart, of which many differ in one bit only', () => {
    const long = 'x'.repeat(300);
    const short = new Set<string>();
    for (let i = 0; i < 100_000; i++) {
      short.add(boundedString(long + String.fromCharCode(i >> 8, i & 0xff)));
    }
    // With 64 random bits two are equal once in 3,000,000,000 runs.
    assert.equal(short.size, 100_000);
  });

  it('cuts no surrogate pair in half', () => {
    for (const offset of ['', 'x']) {
      const short = boundedString(offset + '😀'.repeat(1_000));
      assert.match(short, /^x?(😀)+~[0-9a-f]{16}$/u);
      assert.ok(short.length <= 256);
    }
  });

  it('keeps no long string in memory', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 20 }, (_, i) => boundedString('x'.repeat(1 << 20) + i));
    gc();
    const grown = process.memoryUsage().heapUsed - before;
    assert.equal(kept.length, 20);
    assert.ok(grown < 5 << 20, `${grown} bytes`);
  });
});
