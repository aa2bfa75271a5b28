import type { CallNode, SampleRecord } from './CallNode';

interface MergedNode extends CallNode {
  hitCount: number;
  readonly contexts: SampleRecord[];
  readonly children: MergedNode[];
}

/**
 * Returns the union of call trees. Functions that are equal and have equal callers become one node,
 * which has the samples of all of them. Pure.
 */
export function mergeCallTrees(roots: readonly CallNode[]): CallNode {
  const merged = copyOf({ name: '(root)', scriptName: '', hitCount: 0, children: [] });
  const index = new Map<MergedNode, Map<string, MergedNode>>();
  const pending = roots.map((node) => ({ node, into: merged }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, into } = next;
    into.hitCount += node.hitCount;
    for (const sample of node.contexts ?? []) into.contexts.push(sample);
    let children = index.get(into);
    if (children === undefined) index.set(into, (children = new Map<string, MergedNode>()));
    for (const child of node.children) {
      const key = keyOf(child);
      let target = children.get(key);
      if (target === undefined) {
        children.set(key, (target = copyOf(child)));
        into.children.push(target);
      }
      pending.push({ node: child, into: target });
    }
  }
  return merged;
}

function keyOf({ name, scriptName, scriptId, lineNumber, columnNumber }: CallNode): string {
  return JSON.stringify([name, scriptName, scriptId, lineNumber, columnNumber]);
}

/** Returns a copy of the function without hits and children. */
function copyOf({ name, scriptName, scriptId, lineNumber, columnNumber }: CallNode): MergedNode {
  return {
    ...(name !== undefined && { name }),
    scriptName,
    ...(scriptId !== undefined && { scriptId }),
    ...(lineNumber !== undefined && { lineNumber }),
    ...(columnNumber !== undefined && { columnNumber }),
    hitCount: 0,
    contexts: [],
    children: [],
  };
}
