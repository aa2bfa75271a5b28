import { cachedScriptPath } from '../base/scriptPath';
import type {
  AllocationEntry,
  AllocationNode,
  HeapNode,
  LiveEntry,
  LiveNode,
} from '../model/HeapNode';

/** Returns `tree` in the form that sampling without allocations gives. Pure. */
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

/**
 * Converts an entry. The native library has one entry per object size, so the division leaves no
 * remainder.
 */
function toLive(entry: LiveEntry | AllocationEntry): LiveEntry {
  if (!('inuseObjects' in entry)) return entry;
  const count = entry.inuseObjects;
  return { sizeBytes: count === 0 ? 0 : entry.inuseSpaceBytes / count, count };
}

/** Returns whether all entries of `tree` have allocation counts. */
export function hasAllocations({ allocations, children }: HeapNode): boolean {
  return (
    allocations.every((entry) => 'allocObjects' in entry) &&
    (children as HeapNode[]).every(hasAllocations)
  );
}

/**
 * Returns `tree` with the path of each script as its name. A node is converted when it is read,
 * because a tree of the native library is too large to copy.
 */
export function withPaths<Node extends HeapNode>(tree: Node, pathOf = cachedScriptPath()): Node {
  const { name, scriptName, scriptId, lineNumber, columnNumber, allocations } = tree;
  const place = { name, scriptId, lineNumber, columnNumber, allocations };
  return {
    ...place,
    scriptName: pathOf(scriptName),
    get children() {
      return (tree.children as Node[]).map((child) => withPaths(child, pathOf));
    },
  } as HeapNode as Node;
}

/** Memory outside V8's heap that belongs to its objects, bytes. */
export interface External {
  readonly inuseBytes: number;
  /** Everything ever allocated. */
  readonly allocatedBytes: number;
}

/**
 * Returns `tree` with a function `(external)` added. Returns `tree` itself if no external memory is
 * in use. Pure.
 */
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
