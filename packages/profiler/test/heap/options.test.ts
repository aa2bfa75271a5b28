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

  for (const [options, message] of [
    // The native side ends the process at an interval of 0.
    [{ intervalBytes: 0 }, 'intervalBytes must be an integer from 1024 to 1073741824; got 0'],
    [{ intervalBytes: 2 ** 31 }, 'intervalBytes must be an integer from 1024 to 1073741824'],
    [{ stackDepth: 0 }, 'stackDepth must be an integer from 1 to 1024; got 0'],
    [{ allocations: 1 }, 'allocations must be true or false; got 1'],
    [{ depth: 1 }, 'options.depth must be omitted'],
    [null, 'options must be a plain object; got null'],
  ] as [HeapOptions, string][]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => resolveHeapOptions(options),
        (thrown) => thrown instanceof InvalidOptionError && thrown.message.startsWith(message),
      );
    });
  }
});
