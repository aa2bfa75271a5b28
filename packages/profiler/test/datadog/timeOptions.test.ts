import assert from 'node:assert/strict';
import { type TimeProfilerOptions, resolveTimeOptions } from '../../src/datadog/timeOptions';
import { InvalidOptionError } from '../../src/base/errors';

describe('resolveTimeOptions', () => {
  it('has the defaults of the original', () => {
    const defaults = {
      durationMillis: 60_000,
      intervalMicros: 1_000,
      sourceMapper: undefined,
      lineNumbers: false,
      contexts: 'none',
      collectCpuTime: false,
      collectAsyncId: false,
      columnNumbers: undefined,
    };
    assert.deepEqual(resolveTimeOptions(), defaults);
    assert.deepEqual(resolveTimeOptions({ intervalMicros: undefined }), defaults);
    assert.deepEqual(resolveTimeOptions(null), defaults);
  });

  it('has no contexts by default, and contexts of the thread unless useCPED is set', () => {
    assert.equal(resolveTimeOptions({ useCPED: true }).contexts, 'none');
    assert.equal(resolveTimeOptions({ withContexts: true }).contexts, 'thread');
    assert.equal(resolveTimeOptions({ withContexts: true, useCPED: true }).contexts, 'flow');
  });

  it('has an interval of at least 500 microseconds', () => {
    assert.equal(resolveTimeOptions({ intervalMicros: 10 }).intervalMicros, 500);
    assert.equal(resolveTimeOptions({ intervalMicros: 5_000_000 }).intervalMicros, 5_000_000);
  });

  it('ignores unknown options, as the original does', () => {
    resolveTimeOptions({ unheardOf: 1, workaroundV8Bug: false } as object);
  });

  for (const options of [
    { lineNumbers: true, withContexts: true },
    { collectCpuTime: true },
    { collectAsyncId: true },
    { intervalMicros: 0 },
    { intervalMicros: NaN },
    { intervalMicros: 'x' },
    { durationMillis: -1 },
  ]) {
    it(`refuses ${JSON.stringify(options)}, as the original does`, () => {
      assert.throws(() => resolveTimeOptions(options as TimeProfilerOptions), InvalidOptionError);
    });
  }
});
