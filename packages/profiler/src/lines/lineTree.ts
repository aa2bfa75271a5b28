import type { CallNode } from '../model/CallNode';
import { sparedSamples } from '../model/timeline';
import type { LineRecording } from './LineProfiler';
import type { InspectorNode, InspectorProfile } from './LineSampler';

/**
 * Returns the samples of a function by the line that was running. Lines count from 1. The key 0
 * holds the samples whose line is not known.
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

/** Returns the function in the form of the labeled sampler, without samples and callees. */
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

/** A node of the tree and its caller. */
export interface Frame {
  readonly node: InspectorNode;
  /** `undefined` for the root of the tree. */
  readonly caller: Frame | undefined;
}

/** Returns all nodes, the root first. */
export function framesIn({ nodes }: InspectorProfile): Frame[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const frames: Frame[] = nodes.slice(0, 1).map((node) => ({ node, caller: undefined }));
  // The list grows while the loop runs.
  for (const caller of frames) {
    for (const id of caller.node.children ?? []) {
      const node = byId.get(id);
      if (node !== undefined) frames.push({ node, caller });
    }
  }
  return frames;
}

/**
 * Returns whether the node is V8's idle node. V8's own nodes have no script; a user's function can
 * have the name `(idle)` too.
 */
export function isIdle({ callFrame }: InspectorNode): boolean {
  return callFrame.functionName === '(idle)' && callFrame.url === '';
}

/** Returns the number of samples that an idle thread was spared, see `sparedSamples`. Pure. */
export function sparedIn({ profile, intervalMicros }: LineRecording): number {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const idle = new Set(nodes.filter(isIdle).map(({ id }) => id));
  const waits = timeDeltas.filter((_, index) => idle.has(samples[index] ?? NaN));
  return sparedSamples(waits, intervalMicros);
}
