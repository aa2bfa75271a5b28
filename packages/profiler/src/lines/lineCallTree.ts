import type { CallNode } from '../model/CallNode';
import type { InspectorNode, InspectorProfile } from './LineSampler';
import { functionOf, hitsByLine } from './lineTree';

/**
 * Returns the tree of a recording. A running function has one node for each of its lines. They are
 * siblings of the function's own node, whose children are the functions that it called. Pure.
 */
export function lineCallTree({ nodes }: InspectorProfile): CallNode {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root: CallNode = { name: '(root)', scriptName: '', hitCount: 0, children: [] };
  return { ...root, children: nodesOf(nodes[0]?.children) };

  function nodesOf(ids: readonly number[] = []): CallNode[] {
    return ids.flatMap((id) => {
      const node = byId.get(id);
      return node === undefined ? [] : linesOf(node);
    });
  }

  function linesOf(node: InspectorNode): CallNode[] {
    const self = functionOf(node);
    const children = nodesOf(node.children);
    const lines = [...hitsByLine(node)].map(([line, hitCount]) => ({
      ...self,
      lineNumber: line === 0 ? (self.lineNumber ?? 0) : line,
      hitCount,
    }));
    return children.length === 0 ? lines : [{ ...self, children }, ...lines];
  }
}
