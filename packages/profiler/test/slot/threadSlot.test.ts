import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ofThread, perThread, slotKey } from '../../src/slot/threadSlot';

describe('perThread', () => {
  it('creates a value on first use and returns the same value from then on', () => {
    const first = perThread(slotKey('test: once', 1), () => ({}));
    assert.equal(
      perThread(slotKey('test: once', 1), () => assert.fail('created twice')),
      first,
    );
    assert.notEqual(
      perThread(slotKey('test: other', 1), () => ({})),
      first,
    );
  });

  it('keeps a value that is undefined', () => {
    perThread(slotKey('test: undefined', 1), () => undefined);
    assert.equal(
      perThread(slotKey('test: undefined', 1), () => assert.fail('created twice')),
      undefined,
    );
  });

  it('stores nothing if creation throws', () => {
    const fail = () => {
      throw new Error('first attempt');
    };
    assert.throws(() => perThread(slotKey('test: fails', 1), fail), /first attempt/);
    assert.equal(
      perThread(slotKey('test: fails', 1), () => 2),
      2,
    );
  });

  it('shares values between two copies of this package', () => {
    const path = require.resolve('../../src/slot/threadSlot');
    const original = require.cache[path];
    delete require.cache[path];
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads a second copy
      const copy = require(path) as { perThread: typeof perThread };
      assert.notEqual(copy.perThread, perThread);
      const value = perThread(slotKey('test: copies', 1), () => ({}));
      assert.equal(
        copy.perThread(slotKey('test: copies', 1), () => ({})),
        value,
      );
    } finally {
      require.cache[path] = original;
    }
  });

  it('shares nothing between threads', async () => {
    perThread(slotKey('test: threads', 1), () => 'main');
    const path = JSON.stringify(require.resolve('../../src/slot/threadSlot'));
    const worker = new Worker(
      `const { perThread, slotKey } = require(${path});
       require('node:worker_threads').parentPort.postMessage(perThread(slotKey('test: threads', 1), () => 'worker'));`,
      { eval: true },
    );
    assert.deepEqual(await once(worker, 'message'), ['worker']);
  });

  it('keeps values of two versions apart and warns once', async () => {
    const warnings: unknown[] = [];
    const listen = (warning: Error): void =>
      void warnings.push((warning as { code?: string }).code);
    process.on('warning', listen);
    try {
      for (const name of ['test: one', 'test: two']) {
        assert.equal(
          perThread(slotKey(name, 1), () => 'old'),
          'old',
        );
        assert.equal(
          perThread(slotKey(name, 2), () => 'new'),
          'new',
        );
        assert.equal(ofThread(slotKey(name, 1)), 'old');
      }
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('warning', listen);
    }
    assert.deepEqual(warnings, ['RULESCOPE_VERSIONS']);
  });
});

describe('ofThread', () => {
  it('does not create a value', () => {
    const key = slotKey<number>('test: of', 1);
    assert.equal(ofThread(key), undefined);
    perThread(key, () => 3);
    assert.equal(ofThread(key), 3);
  });
});
