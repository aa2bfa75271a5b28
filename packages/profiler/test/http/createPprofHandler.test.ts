import assert from 'node:assert/strict';
import { InvalidOptionError } from '../../src/base/errors';
import {
  type PprofHandlerOptions,
  createPprofHandler,
  resolvePprofOptions,
} from '../../src/http/createPprofHandler';

describe('options of the pprof handler', () => {
  it('have defaults', () => {
    const { authorize, path, maxSeconds, maxConcurrent, heap, usage, usageLabel } =
      resolvePprofOptions();
    assert.deepEqual(
      { authorize, path, maxSeconds, maxConcurrent, heap, usage, usageLabel },
      {
        authorize: undefined,
        path: '/debug/pprof',
        maxSeconds: 300,
        maxConcurrent: 8,
        heap: undefined,
        usage: false,
        usageLabel: 'rule',
      },
    );
    assert.equal(resolvePprofOptions({ heap: true }).heap?.allocations, false);
    assert.equal(resolvePprofOptions({ path: '/' }).path, '/');
  });

  it('are checked when the handler is created', () => {
    const bad: [unknown, RegExp][] = [
      [
        { seconds: 1 },
        /^PprofHandlerOptions\.seconds must be omitted \(known options: authorize, path/,
      ],
      [null, /^PprofHandlerOptions must be a plain object/],
      [{ authorize: true }, /^authorize must be a function; got true/],
      [{ maxSeconds: 0 }, /^maxSeconds must be an integer from 1 to 3600; got 0/],
      [{ maxConcurrent: 101 }, /^maxConcurrent must be an integer from 1 to 100; got 101/],
      [{ heap: 'yes' }, /^heap must be a plain object; got "yes"/],
      [{ heap: { intervalBytes: 1 } }, /^intervalBytes must be an integer from 1024/],
      [{ usage: 'yes' }, /^usage must be true or false; got "yes"/],
      [{ usageLabel: '' }, /^usageLabel must be a non-empty string; got ""/],
      [{ logger: {} }, /^logger\.error must be a function; got undefined/],
      ...['', 'debug', '/debug/', '//', '/a?b', '/a b', 7].map((path): [unknown, RegExp] => [
        { path },
        /^path must be a path such as \/debug\/pprof, or \/; got /,
      ]),
    ];
    for (const [options, message] of bad) {
      assert.throws(
        () => createPprofHandler(options as PprofHandlerOptions),
        (thrown) => thrown instanceof InvalidOptionError && message.test(thrown.message),
        `${message}`,
      );
    }
  });
});
