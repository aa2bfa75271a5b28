import assert from 'node:assert/strict';
import { withExternal } from '../../src/heap/withExternal';
import { allocationTree, countObjects, liveTree } from '../support/FakeNativeHeap';

describe('withExternal', () => {
  it('adds a function to the tree, without changing it', () => {
    const tree = liveTree([['a', 1]]);
    const whole = withExternal(tree, false, { inuseBytes: 5, allocatedBytes: 0 });
    assert.deepEqual(countObjects(whole), { a: [1], '(external)': [1] });
    assert.deepEqual(whole.children[1]?.allocations, [{ sizeBytes: 5, count: 1 }]);
    assert.equal(tree.children.length, 1);
  });

  it('says of a tree with allocations how much was allocated, if it is known', () => {
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

  it('adds nothing where nothing is in use', () => {
    const tree = liveTree([]);
    assert.equal(withExternal(tree, false, { inuseBytes: 0, allocatedBytes: 0 }), tree);
  });
});
