import type {
  AllocationEntry,
  AllocationNode,
  HeapNode,
  LiveEntry,
  LiveNode,
} from '../model/HeapNode';

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
