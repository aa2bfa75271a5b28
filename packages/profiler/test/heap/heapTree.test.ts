import assert from 'node:assert/strict';
import { hasAllocations, liveOnly, withExternal } from '../../src/heap/heapTree';
import { allocationTree, countObjects, liveTree } from '../support/FakeNativeHeap';

describe('liveOnly', () => {
  it('does not change a tree without allocations', () => {
    const tree = liveTree([['a', 1]]);
    assert.deepEqual(liveOnly(tree), tree);
  });

  it('keeps the memory in use, and drops functions that use nothing', () => {
    const tree = allocationTree([
      ['a', 2, 10],
      ['garbage', 0, 10],
    ]);
    const live = liveOnly(tree);
    assert.deepEqual(countObjects(live), { a: [2] });
    assert.deepEqual(live.children[0]?.allocations, [{ sizeBytes: 10, count: 2 }]);
    assert.equal(live.children.length, 1);
  });

  it('keeps the callers of functions with memory in use', () => {
    const caller = { ...allocationTree([['a', 1, 1]]), name: 'caller' };
    const live = liveOnly({ name: '(root)', scriptName: '', allocations: [], children: [caller] });
    assert.equal(live.children[0]?.children[0]?.name, 'a');
  });
});

describe('hasAllocations', () => {
  it('is true if all entries have allocation counts', () => {
    assert.equal(hasAllocations(allocationTree([['a', 1, 1]])), true);
    assert.equal(hasAllocations(liveTree([['a', 1]])), false);
    assert.equal(hasAllocations(liveTree([])), true);
  });
});

describe('withExternal', () => {
  it('adds a function to a copy of the tree', () => {
    const tree = liveTree([['a', 1]]);
    const whole = withExternal(tree, false, { inuseBytes: 5, allocatedBytes: 0 });
    assert.deepEqual(countObjects(whole), { a: [1], '(external)': [1] });
    assert.deepEqual(whole.children[1]?.allocations, [{ sizeBytes: 5, count: 1 }]);
    assert.equal(tree.children.length, 1);
  });

  it('adds the allocated bytes to a tree with allocations, if they are known', () => {
    const tree = allocationTree([]);
    const unknown = withExternal(tree, true, { inuseBytes: 5, allocatedBytes: 0 });
    assert.deepEqual(unknown.children[0]?.allocations, [
      { inuseObjects: 1, inuseSpaceBytes: 5, allocObjects: 0, allocSpaceBytes: 0 },
    ]);
    const known = withExternal(tree, true, { inuseBytes: 5, allocatedBytes: 6 });
    assert.deepEqual(known.children[0]?.allocations, [
      { inuseObjects: 1, inuseSpaceBytes: 5, allocObjects: 1, allocSpaceBytes: 6 },
    ]);
  });

  it('adds nothing if no external memory is in use', () => {
    const tree = liveTree([]);
    assert.equal(withExternal(tree, false, { inuseBytes: 0, allocatedBytes: 0 }), tree);
  });
});
