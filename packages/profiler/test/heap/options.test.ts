import assert from 'node:assert/strict';
import { InvalidOptionError } from '../../src/base/errors';
import { type HeapOptions, resolveHeapOptions } from '../../src/heap/options';

describe('resolveHeapOptions', () => {
  it('fills in the defaults', () => {
    const defaults = { intervalBytes: 524_288, stackDepth: 64, allocations: false };
    assert.deepEqual(resolveHeapOptions(), defaults);
    const given = { intervalBytes: 1_024, stackDepth: 1_024, allocations: true };
    assert.deepEqual(resolveHeapOptions(given), given);
  });

  for (const [options, message, got] of [
    // The native library aborts the process at an interval of 0.
    [{ intervalBytes: 0 }, 'intervalBytes must be an integer from 1024 to 1073741824', 0],
    [
      { intervalBytes: 2 ** 31 },
      'intervalBytes must be an integer from 1024 to 1073741824',
      2 ** 31,
    ],
    [{ stackDepth: 0 }, 'stackDepth must be an integer from 1 to 1024', 0],
    [{ allocations: 1 }, 'allocations must be true or false', 1],
    [{ depth: 1 }, 'HeapOptions.depth must be', 1],
    [null, 'HeapOptions must be a plain object', null],
  ] as [HeapOptions, string, number | null][]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => resolveHeapOptions(options),
        (thrown) =>
          thrown instanceof InvalidOptionError &&
          thrown.message.startsWith(message) &&
          thrown.message.endsWith(` got ${got}`),
      );
    });
  }
});
