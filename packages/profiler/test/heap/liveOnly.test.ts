import assert from 'node:assert/strict';
import { hasAllocations, liveOnly } from '../../src/heap/liveOnly';
import { allocationTree, countObjects, liveTree } from '../support/FakeNativeHeap';

describe('liveOnly', () => {
  it('leaves a tree without allocations as it is', () => {
    const tree = liveTree([['a', 1]]);
    assert.deepEqual(liveOnly(tree), tree);
  });

  it('has what is in use, and no function that uses nothing', () => {
    const tree = allocationTree([
      ['a', 2, 10],
      ['garbage', 0, 10],
    ]);
    const live = liveOnly(tree);
    assert.deepEqual(countObjects(live), { a: [2] });
    assert.deepEqual(live.children[0]?.allocations, [{ sizeBytes: 10, count: 2 }]);
    assert.equal(live.children.length, 1);
  });

  it('keeps the callers of what is in use', () => {
    const caller = { ...allocationTree([['a', 1, 1]]), name: 'caller' };
    const live = liveOnly({ name: '(root)', scriptName: '', allocations: [], children: [caller] });
    assert.equal(live.children[0]?.children[0]?.name, 'a');
  });
});

describe('hasAllocations', () => {
  it('is whether all entries say so', () => {
    assert.equal(hasAllocations(allocationTree([['a', 1, 1]])), true);
    assert.equal(hasAllocations(liveTree([['a', 1]])), false);
    assert.equal(hasAllocations(liveTree([])), true);
  });
});
