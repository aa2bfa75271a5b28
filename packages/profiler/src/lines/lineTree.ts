import type { CallNode } from '../model/CallNode';
import { sparedSamples } from '../model/timeline';
import type { LineRecording } from './LineProfiler';
import type { InspectorNode, InspectorProfile } from './LineSampler';

/**
 * Hits of a function by the line that was running, counted from 1; 0 for those whose line is not
 * known.
 */
export function hitsByLine({
  hitCount = 0,
  positionTicks = [],
}: InspectorNode): Map<number, number> {
  const hits = new Map<number, number>();
  let known = 0;
  for (const { line, ticks } of positionTicks) {
    hits.set(line, (hits.get(line) ?? 0) + ticks);
    known += ticks;
  }
  if (hitCount > known) hits.set(0, hitCount - known);
  return hits;
}

/** The function, without hits and callees, as the labelled sampler would say it. */
export function functionOf({ callFrame }: InspectorNode): CallNode {
  const { functionName, url, scriptId, lineNumber, columnNumber } = callFrame;
  return {
    name: functionName,
    scriptName: url,
    scriptId: Number(scriptId),
    lineNumber: lineNumber + 1,
    columnNumber: columnNumber + 1,
    hitCount: 0,
    contexts: [],
    children: [],
  };
}

/** Calls `visit` for every node with its callers, the root's children first. */
export function walk(
  { nodes }: InspectorProfile,
  visit: (node: InspectorNode, callers: readonly InspectorNode[]) => void,
): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const pending = childrenOf(nodes[0]).map((node) => ({ node, callers: [] as InspectorNode[] }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, callers } = next;
    visit(node, callers);
    for (const child of childrenOf(node))
      pending.push({ node: child, callers: [node, ...callers] });
  }

  function childrenOf(node: InspectorNode | undefined): InspectorNode[] {
    return (node?.children ?? []).flatMap((id) => byId.get(id) ?? []);
  }
}

/** V8's own nodes belong to no script; a function of the user's may be called `(idle)` too. */
export function isIdle({ callFrame }: InspectorNode): boolean {
  return callFrame.functionName === '(idle)' && callFrame.url === '';
}

/** Returns how many samples the thread was spared while it waited, see `sparedSamples`. Pure. */
export function sparedIn({ profile, intervalMicros }: LineRecording): number {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const idle = new Set(nodes.filter(isIdle).map(({ id }) => id));
  const waits = timeDeltas.filter((_, index) => idle.has(samples[index] ?? NaN));
  return sparedSamples(waits, intervalMicros);
}
