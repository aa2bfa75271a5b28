import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { AsyncContextFrameLabels } from '../../src/labels/AsyncContextFrameLabels';
import { FakeSink } from '../support/FakeSink';

describe('AsyncContextFrameLabels', () => {
  const storage = new AsyncLocalStorage<unknown>();
  const labels = new AsyncContextFrameLabels(storage, new FakeSink(true));

  it('makes the holder that the sampler looks for the value of the storage', () => {
    const carrier = labels.createCarrier({ rule: 'a' }, 'value');
    labels.run(carrier, () => {
      assert.equal(storage.getStore(), carrier);
      assert.deepEqual(carrier, {
        cell: { labels: { rule: 'a' } },
        labels: { rule: 'a' },
        value: 'value',
      });
    });
  });

  it('makes no holder for a carrier without labels', () => {
    assert.deepEqual(labels.createCarrier(undefined, 1), { labels: undefined, value: 1 });
  });

  it('hangs the value on the holder, not on the cell, which the native side never lets go', () => {
    const carrier = labels.createCarrier({ rule: 'a' }, {}) as unknown as { cell: object };
    assert.deepEqual(Object.keys(carrier.cell), ['labels']);
  });

  it('puts no listener on the process', () => {
    const before = process.eventNames().length;
    labels.samplingStarted();
    labels.recordingClosed();
    labels.samplingStopped();
    assert.equal(process.eventNames().length, before);
  });
});
