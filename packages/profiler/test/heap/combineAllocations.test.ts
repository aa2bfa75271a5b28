import assert from 'node:assert/strict';
import { combineAllocations } from '../../src/heap/combineAllocations';
import type { AllocationNode } from '../../src/model/HeapNode';
import { allocationTree, countObjects } from '../support/FakeNativeHeap';

describe('combineAllocations', () => {
  const first = allocationTree([
    ['a', 1, 10],
    ['b', 2, 20],
  ]);
  const second = allocationTree([
    ['b', 3, 30],
    ['c', 4, 40],
  ]);

  it('adds up function by function, and counts memory in use only for the parts that ask for it', () => {
    const sum = combineAllocations([
      { tree: first, sign: 1, inuse: true },
      { tree: second, sign: 1, inuse: false },
    ]);
    assert.deepEqual(countObjects(sum), { a: [1, 10], b: [2, 50], c: [0, 40] });
  });

  it('subtracts, and never goes below 0', () => {
    const difference = combineAllocations([
      { tree: second, sign: 1, inuse: true },
      { tree: first, sign: -1, inuse: false },
    ]);
    assert.deepEqual(countObjects(difference), { b: [3, 10], c: [4, 40] });
    const smaller = combineAllocations([
      { tree: first, sign: 1, inuse: true },
      { tree: second, sign: -1, inuse: false },
    ]);
    assert.deepEqual(countObjects(smaller), { a: [1, 10], b: [2, 0] });
  });

  it('sums up the object sizes of a stack', () => {
    const [entry] = first.children[0]!.allocations;
    const tree = {
      ...first,
      children: [{ ...first.children[0]!, allocations: [entry!, entry!] }],
    };
    const { children } = combineAllocations([{ tree, sign: 1, inuse: true }]);
    assert.deepEqual(children[0]!.allocations, [
      { inuseObjects: 2, inuseSpaceBytes: 20, allocObjects: 20, allocSpaceBytes: 200 },
    ]);
  });

  it('distinguishes functions of the same name by their place', () => {
    const elsewhere = { ...first.children[0]!, lineNumber: 2 };
    const tree = { ...first, children: [...first.children, elsewhere] };
    assert.equal(combineAllocations([{ tree, sign: 1, inuse: true }]).children.length, 3);
  });

  it('adds the allocations of a function beyond the node limit to its caller, so that nothing is lost', () => {
    const tree = allocationTree(Array.from({ length: 100 }, (_, i) => [`f${i}`, 0, 1]));
    const sum = combineAllocations([{ tree, sign: 1, inuse: false }], 11);
    assert.equal(sum.children.length, 10);
    assert.equal(sum.allocations[0]?.allocObjects, 90);
  });

  it('does not change its parts', () => {
    const before = structuredClone(first);
    combineAllocations([
      { tree: first, sign: 1, inuse: true },
      { tree: first, sign: 1, inuse: true },
    ]);
    assert.deepEqual(first, before);
  });

  it('handles stacks of any depth', () => {
    let tree: AllocationNode = allocationTree([['leaf', 1, 1]]);
    for (let i = 0; i < 20_000; i++) {
      tree = { name: 'f', scriptName: '', allocations: [], children: [tree] };
    }
    let depth = 0;
    let node: AllocationNode | undefined = combineAllocations([{ tree, sign: 1, inuse: true }]);
    for (; node !== undefined; node = node.children[0]) depth++;
    assert.equal(depth, 20_002);
  });
});
