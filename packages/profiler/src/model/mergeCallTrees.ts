import { SmallMap } from '../base/SmallMap';
import type { CallNode, SampleRecord } from './CallNode';
import { FunctionIds } from './FunctionIds';

interface MergedNode extends CallNode {
  hitCount: number;
  readonly contexts: SampleRecord[];
  readonly children: MergedNode[];
}

/** A merged node, and what finds its children by function and script. */
interface Target {
  readonly node: MergedNode;
  readonly children: SmallMap<Target>;
}

/** Larger than any id of a script, which V8 keeps in 31 bits. */
const MAX_SCRIPT_ID = 2 ** 31;

/**
 * Merges call trees one by one. Functions that are equal and have equal callers become one node,
 * which has the samples of all of them. Adding a tree takes time in proportion to that tree,
 * regardless of what was added before.
 */
export class CallTreeMerger {
  private readonly functions = new FunctionIds();
  private readonly merged = targetFor({
    name: '(root)',
    scriptName: '',
    hitCount: 0,
    children: [],
  });

  /** The merged tree. It grows with each {@link add}. */
  get root(): CallNode {
    return this.merged.node;
  }

  /** Adds a tree. Does not change it. */
  add(root: CallNode): void {
    const pending = [{ node: root, into: this.merged }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, into } = next;
      into.node.hitCount += node.hitCount;
      for (const sample of node.contexts ?? []) into.node.contexts.push(sample);
      for (const child of node.children) {
        const key = this.functions.idOf(child) * MAX_SCRIPT_ID + (child.scriptId ?? 0);
        let target = into.children.get(key);
        if (target === undefined) {
          target = into.children.add(key, targetFor(child));
          into.node.children.push(target.node);
        }
        pending.push({ node: child, into: target });
      }
    }
  }
}

/** Returns the union of call trees. Pure. */
export function mergeCallTrees(roots: Iterable<CallNode>): CallNode {
  const merger = new CallTreeMerger();
  for (const root of roots) merger.add(root);
  return merger.root;
}

/** Returns a copy of the function without hits and children. */
function targetFor({ name, scriptName, scriptId, lineNumber, columnNumber }: CallNode): Target {
  const node = {
    ...(name !== undefined && { name }),
    scriptName,
    ...(scriptId !== undefined && { scriptId }),
    ...(lineNumber !== undefined && { lineNumber }),
    ...(columnNumber !== undefined && { columnNumber }),
    hitCount: 0,
    contexts: [],
    children: [],
  };
  return { node, children: new SmallMap() };
}
