import { Pace, type Steps } from '../base/steps';
import type { CallNode } from '../model/CallNode';
import type { ProfileWindow } from '../model/ProfileWindow';
import { cpuByHit } from './cpuByHit';
import { type LabelValueOf, labelValueOf } from './countHits';

/** CPU time of one function in the code with one label value. */
export interface FunctionCpu {
  /** CPU time of the function itself, seconds. */
  cpuSeconds: number;
  /** The same with all functions that it calls, seconds. */
  cumulativeSeconds: number;
  /** Number of samples that represent `cpuSeconds`. */
  hits: number;
}

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
): Steps<Map<string, Map<string, FunctionCpu>>> {
  const pace = new Pace();
  const valueOf = labelValueOf(key);
  const callers = yield* callersIn(window.parts ?? [window], pace);
  const names = new Map<CallNode, string | undefined>();
  const result = new Map<string, Map<string, FunctionCpu>>();
  for (const { cpuSeconds, hits } of cpuByHit(window).shares) {
    const secondsPerHit = cpuSeconds / hits.length;
    for (const { activity, labels, leaf } of hits) {
      const value = activity === 'runtime' ? undefined : labels && valueOf(labels);
      if (value === undefined) continue;
      let functions = result.get(value);
      if (functions === undefined) result.set(value, (functions = new Map<string, FunctionCpu>()));
      /** A recursive function is on the stack more than once. */
      const seen = new Set<string>();
      for (let node: CallNode | undefined = leaf; node !== undefined; node = callers.get(node)) {
        const isNew = !names.has(node);
        if (isNew) names.set(node, functionOf(node));
        if (pace.worked(isNew ? NEW_FUNCTION : 1)) yield;
        const name = names.get(node);
        if (name === undefined || seen.has(name)) continue;
        seen.add(name);
        let cpu = functions.get(name);
        if (cpu === undefined) {
          functions.set(name, (cpu = { cpuSeconds: 0, cumulativeSeconds: 0, hits: 0 }));
        }
        cpu.cumulativeSeconds += secondsPerHit;
        if (node !== leaf) continue;
        cpu.cpuSeconds += secondsPerHit;
        cpu.hits++;
      }
    }
  }
  return result;
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
