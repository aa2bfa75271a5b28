import type {
  AllocationEntry,
  AllocationNode,
  HeapNode,
  LiveEntry,
  LiveNode,
} from '../model/HeapNode';

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

/** Memory outside V8's heap that belongs to its objects, bytes. */
export interface External {
  readonly inuseBytes: number;
  /** Ever allocated. */
  readonly allocatedBytes: number;
}

/** `tree` with the function `(external)`, unless nothing is in use there. Pure. */
export function withExternal(tree: HeapNode, allocations: boolean, external: External): HeapNode {
  const { inuseBytes, allocatedBytes } = external;
  if (inuseBytes <= 0) return tree;
  if (!allocations) {
    const root = tree as LiveNode;
    const live: LiveEntry = { sizeBytes: inuseBytes, count: 1 };
    return { ...root, children: [...root.children, { ...PLACE, allocations: [live] }] };
  }
  const root = tree as AllocationNode;
  const entry: AllocationEntry = {
    inuseObjects: 1,
    inuseSpaceBytes: inuseBytes,
    allocObjects: allocatedBytes > 0 ? 1 : 0,
    allocSpaceBytes: allocatedBytes,
  };
  return { ...root, children: [...root.children, { ...PLACE, allocations: [entry] }] };
}

const PLACE = { name: '(external)', scriptName: '', children: [] };
