import { Pace, type Steps } from '../base/steps';
import type { CallNode } from '../model/CallNode';
import type { LabelShare } from '../model/LabelSet';
import type { ProfileWindow } from '../model/ProfileWindow';
import { cpuByHit } from './cpuByHit';
import { type LabelValueOf, labelValueOf, sharesByValue } from './countHits';

/** CPU time of one function in the code with one label value. */
export interface FunctionCpu {
  /** CPU time of the function itself, seconds. */
  cpuSeconds: number;
  /** The same with all functions that it calls, seconds. */
  cumulativeSeconds: number;
  /** Number of samples that represent `cpuSeconds`. A sample of shared work counts by its share. */
  hits: number;
}

/** Functions by name. */
type Functions = Map<string, FunctionCpu>;

/** A function that is new in a window counts as this much work: its name must be made. */
const NEW_FUNCTION = 20;

/**
 * Divides the CPU time of a window among the values of a label and, within a value, among functions.
 * For each value, the `cpuSeconds` of its functions sum to those of `attributeCpu`. Pure if
 * `functionOf` is.
 *
 * @param key As for `attributeCpu`.
 * @param functionOf Returns the function that a node of the call tree belongs to; `undefined` if it
 *   does not count as a function.
 */
export function* attributeFunctions(
  window: ProfileWindow,
  key: string | LabelValueOf,
  functionOf: (node: CallNode) => string | undefined,
): Steps<Map<string, Functions>> {
  const pace = new Pace();
  const valueOf = labelValueOf(key);
  const callers = yield* callersIn(window.parts ?? [window], pace);
  const names = new Map<CallNode, string | undefined>();
  const byOwner = new Map<string | readonly LabelShare[], Functions>();
  for (const { cpuSeconds, hits } of cpuByHit(window).shares) {
    const ofCaller = { cpuSeconds: 0, cumulativeSeconds: cpuSeconds / hits.length, hits: 0 };
    const ofLeaf = { ...ofCaller, cpuSeconds: ofCaller.cumulativeSeconds, hits: 1 };
    for (const { activity, labels, parts, leaf } of hits) {
      const owner = activity === 'runtime' ? undefined : (parts ?? (labels && valueOf(labels)));
      if (owner === undefined) continue;
      const functions = functionsOf(byOwner, owner);
      /** A recursive function is on the stack more than once. */
      const seen = new Set<string>();
      for (let node: CallNode | undefined = leaf; node !== undefined; node = callers.get(node)) {
        const isNew = !names.has(node);
        if (isNew) names.set(node, functionOf(node));
        if (pace.worked(isNew ? NEW_FUNCTION : 1)) yield;
        const name = names.get(node);
        if (name === undefined || seen.has(name)) continue;
        seen.add(name);
        addCpu(functions, name, node === leaf ? ofLeaf : ofCaller);
      }
    }
  }
  const result = new Map<string, Functions>();
  for (const [owner, functions] of byOwner) {
    const shares =
      typeof owner === 'string' ? [[owner, 1] as const] : sharesByValue(owner, valueOf);
    for (const [value, share] of shares) {
      if (value === undefined) continue;
      for (const [name, cpu] of functions) {
        addCpu(functionsOf(result, value), name, cpu, share);
        if (pace.worked(1)) yield;
      }
    }
  }
  return result;
}

function functionsOf<K>(all: Map<K, Functions>, key: K): Functions {
  let functions = all.get(key);
  if (functions === undefined) all.set(key, (functions = new Map<string, FunctionCpu>()));
  return functions;
}

function addCpu(to: Functions, name: string, added: Readonly<FunctionCpu>, share = 1): void {
  let cpu = to.get(name);
  if (cpu === undefined) to.set(name, (cpu = { cpuSeconds: 0, cumulativeSeconds: 0, hits: 0 }));
  cpu.cpuSeconds += added.cpuSeconds * share;
  cpu.cumulativeSeconds += added.cumulativeSeconds * share;
  cpu.hits += added.hits * share;
}

/** Returns the node that called each node of the call trees. */
function* callersIn(windows: readonly ProfileWindow[], pace: Pace): Steps<Map<CallNode, CallNode>> {
  const callers = new Map<CallNode, CallNode>();
  const pending = windows.flatMap(({ root }) => (root === undefined ? [] : [root]));
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const child of node.children) {
      callers.set(child, node);
      pending.push(child);
    }
    if (pace.worked(1 + node.children.length)) yield;
  }
  return callers;
}
