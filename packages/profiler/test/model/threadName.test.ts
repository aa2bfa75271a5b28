import assert from 'node:assert/strict';
import { threadLabels, threadName } from '../../src/model/threadName';

describe('the name of a thread', () => {
  it('is what its samples have as a label, if it is a worker', () => {
    assert.deepEqual([threadName(0), threadLabels(0)], ['main', {}]);
    assert.deepEqual([threadName(3), threadLabels(3)], ['worker-3', { thread: 'worker-3' }]);
  });
});
