import type { AllocationEntry, HeapNode, LiveEntry, LiveNode } from '../model/HeapNode';

/** `tree` as sampling without allocations gives it. Pure. */
export function liveOnly(tree: HeapNode): LiveNode {
  const { allocations, children, ...place } = tree;
  return {
    ...place,
    allocations: allocations.map(toLive).filter(({ count }) => count > 0),
    children: children
      .map(liveOnly)
      .filter((child) => child.allocations.length + child.children.length > 0),
  };
}

/** The native side gives an entry per size of object, hence a whole number of bytes each. */
function toLive(entry: LiveEntry | AllocationEntry): LiveEntry {
  if (!('inuseObjects' in entry)) return entry;
  const count = entry.inuseObjects;
  return { sizeBytes: count === 0 ? 0 : entry.inuseSpaceBytes / count, count };
}

/** Whether all entries of `tree` say what was allocated. */
export function hasAllocations({ allocations, children }: HeapNode): boolean {
  return (
    allocations.every((entry) => 'allocObjects' in entry) &&
    (children as HeapNode[]).every(hasAllocations)
  );
}
