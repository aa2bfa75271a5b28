import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { perThread } from '../../src/slot/threadSlot';

describe('perThread', () => {
  it('makes a value on first use and returns that one ever after', () => {
    const first = perThread('test: once', () => ({}));
    assert.equal(
      perThread('test: once', () => assert.fail('made twice')),
      first,
    );
    assert.notEqual(
      perThread('test: other', () => ({})),
      first,
    );
  });

  it('keeps a value that is undefined', () => {
    perThread('test: undefined', () => undefined);
    assert.equal(
      perThread('test: undefined', () => assert.fail('made twice')),
      undefined,
    );
  });

  it('makes nothing of a failed attempt', () => {
    const fail = () => {
      throw new Error('first attempt');
    };
    assert.throws(() => perThread('test: fails', fail), /first attempt/);
    assert.equal(
      perThread('test: fails', () => 2),
      2,
    );
  });

  it('shares values between two copies of this package', () => {
    const path = require.resolve('../../src/slot/threadSlot');
    const original = require.cache[path];
    delete require.cache[path];
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- a second copy is wanted
      const copy = require(path) as { perThread: typeof perThread };
      assert.notEqual(copy.perThread, perThread);
      const value = perThread('test: copies', () => ({}));
      assert.equal(
        copy.perThread('test: copies', () => ({})),
        value,
      );
    } finally {
      require.cache[path] = original;
    }
  });

  it('shares nothing between threads', async () => {
    perThread('test: threads', () => 'main');
    const path = JSON.stringify(require.resolve('../../src/slot/threadSlot'));
    const worker = new Worker(
      `const { perThread } = require(${path});
       require('node:worker_threads').parentPort.postMessage(perThread('test: threads', () => 'worker'));`,
      { eval: true },
    );
    assert.deepEqual(await once(worker, 'message'), ['worker']);
  });
});
