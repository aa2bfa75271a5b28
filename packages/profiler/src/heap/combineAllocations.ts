import type { AllocationEntry, AllocationNode } from '../model/HeapNode';

/** A tree to combine with others. */
export interface Part {
  readonly tree: AllocationNode;
  /** Whether its allocations are added or subtracted. */
  readonly sign: 1 | -1;
  /** Whether its memory in use counts. */
  readonly inuse: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Returns the sum of `parts`, stack by stack. Negative results become 0. They arise if V8 has
 * collected a function's script: the function has then lost its place in the code and no longer
 * matches its earlier self. Pure.
 *
 * @param maxNodes Most nodes of the result. Beyond that, the allocations of a new function go to
 *   its caller.
 */
export function combineAllocations(
  parts: readonly [Part, ...Part[]],
  maxNodes = Infinity,
): AllocationNode {
  const root = emptyNode(parts[0].tree);
  const childrenOf = new Map<AllocationNode, Map<string, AllocationNode>>();
  const sums = new Map<AllocationNode, Mutable<AllocationEntry>>();
  let nodes = 1;
  const pending = parts.map(({ tree: source, ...how }) => ({ source, target: root, how }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { source, target, how } = next;
    addTo(sums, target, source.allocations, how);
    if (source.children.length === 0) continue;
    let known = childrenOf.get(target);
    if (known === undefined) childrenOf.set(target, (known = new Map<string, AllocationNode>()));
    for (const child of source.children) {
      const key = `${child.scriptId}:${child.lineNumber}:${child.columnNumber}:${child.name}`;
      let found = known.get(key);
      if (found === undefined && nodes < maxNodes) {
        nodes++;
        known.set(key, (found = emptyNode(child)));
        target.children.push(found);
      }
      pending.push({ source: child, target: found ?? target, how });
    }
  }
  for (const [node, sum] of sums) {
    sum.allocObjects = Math.max(0, sum.allocObjects);
    sum.allocSpaceBytes = Math.max(0, sum.allocSpaceBytes);
    if (sum.allocObjects + sum.inuseObjects > 0) node.allocations.push(sum);
  }
  return root;
}

function addTo(
  sums: Map<AllocationNode, Mutable<AllocationEntry>>,
  node: AllocationNode,
  entries: readonly AllocationEntry[],
  { sign, inuse }: Omit<Part, 'tree'>,
): void {
  if (entries.length === 0) return;
  let sum = sums.get(node);
  if (sum === undefined) {
    sum = { inuseObjects: 0, inuseSpaceBytes: 0, allocObjects: 0, allocSpaceBytes: 0 };
    sums.set(node, sum);
  }
  for (const entry of entries) {
    sum.allocObjects += sign * entry.allocObjects;
    sum.allocSpaceBytes += sign * entry.allocSpaceBytes;
    if (!inuse) continue;
    sum.inuseObjects += entry.inuseObjects;
    sum.inuseSpaceBytes += entry.inuseSpaceBytes;
  }
}

function emptyNode(like: Omit<AllocationNode, 'allocations' | 'children'>): AllocationNode {
  return { ...like, allocations: [], children: [] };
}
