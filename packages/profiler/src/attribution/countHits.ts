import type { CallNode } from '../window/CallNode';

/** On-CPU hits of one label value. */
interface LabelHits {
  /** All of them. */
  hits: number;
  /** Those among them that were taken while garbage was collected. */
  gcHits: number;
}

/** The on-CPU hits of a window, divided. Idle hits are in none. */
export interface HitCounts {
  /** By value of the label. */
  readonly labels: Map<string, LabelHits>;
  /** JavaScript that carried no such label. */
  unlabelled: number;
  /** Garbage collection while no such label was current. */
  gc: number;
  /** Native code of the thread outside any JavaScript function: the event loop, V8's own tasks. */
  runtime: number;
  total: number;
}

const IDLE = '(idle)';
const GARBAGE_COLLECTOR = '(garbage collector)';
const RUNTIME = new Set(['(program)', '(root)']);

/** Counts the hits of the tree under `root` by the value of the label `key`. Pure. */
export function countHits(root: CallNode, key: string): HitCounts {
  const counts: HitCounts = { labels: new Map(), unlabelled: 0, gc: 0, runtime: 0, total: 0 };
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    pending.push(...node.children);
    if (node.hitCount > 0 && ownName(node) !== IDLE) countNode(node, key, counts);
  }
  return counts;
}

function countNode(node: CallNode, key: string, counts: HitCounts): void {
  counts.total += node.hitCount;
  const name = ownName(node);
  if (name !== undefined && RUNTIME.has(name)) {
    counts.runtime += node.hitCount;
    return;
  }
  const inGc = name === GARBAGE_COLLECTOR;
  let labelled = 0;
  for (const { context } of node.contexts ?? []) {
    const labels = context?.labels;
    // A label may be called `constructor`: what a set of labels inherits is none of its labels.
    const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value === undefined) continue;
    labelled++;
    let entry = counts.labels.get(value);
    if (entry === undefined) counts.labels.set(value, (entry = { hits: 0, gcHits: 0 }));
    entry.hits++;
    if (inGc) entry.gcHits++;
  }
  // V8 counts a hit whose sample record was lost (it came before the window's first border) in the node alone.
  const rest = Math.max(0, node.hitCount - labelled);
  if (inGc) counts.gc += rest;
  else counts.unlabelled += rest;
}

/** The name of a node of V8's own, which belongs to no script; a method of the user's may be called `(idle)` too. */
function ownName(node: CallNode): string | undefined {
  return node.scriptName === '' ? node.name : undefined;
}
