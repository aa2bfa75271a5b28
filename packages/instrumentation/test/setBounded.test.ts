import assert from 'node:assert/strict';
import { setBounded } from '../src/setBounded';

describe('setBounded', () => {
  it('deletes the oldest entry above the limit', () => {
    const map = new Map<string, number>();
    for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) setBounded(map, key, index, 3);
    assert.deepEqual(
      [...map],
      [
        ['b', 1],
        ['c', 2],
        ['d', 3],
      ],
    );
  });

  it('returns the value, and sets no key of more than 1,024 characters', () => {
    const map = new Map<string, number>();
    assert.equal(setBounded(map, 'x'.repeat(1_024), 1, 3), 1);
    assert.equal(setBounded(map, 'x'.repeat(1_025), 2, 3), 2);
    assert.deepEqual([...map.values()], [1]);
  });

  it('deletes nothing when the key exists already', () => {
    const map = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    setBounded(map, 'a', 3, 2);
    assert.deepEqual(Object.fromEntries(map), { a: 3, b: 2 });
  });
});
