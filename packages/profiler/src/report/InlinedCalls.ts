import { absolute } from '../pprof/integers';

/** Whether the compiler had inlined all calls of a function or only some, in the words of pprof. */
export type InlineMark = 'inline' | 'partial-inline';

interface Call {
  /** Whether every call from this caller was inlined. */
  inlined: boolean;
  value: bigint;
}

/** Default of `-edgefraction`: pprof ignores calls with less than this fraction of the total. */
const EDGES_PER_TOTAL = 1000n;

/** Finds the functions that `go tool pprof -top` marks as inlined. */
export class InlinedCalls<F extends object> {
  /** By function, then by its caller. */
  private readonly calls = new Map<F, Map<F, Call>>();

  /** @param stack The functions of each location, leaf first; all but the last are inlined. */
  add(stack: readonly (readonly F[])[], value: bigint): void {
    const seen = new Map<F, Set<F>>();
    let caller: F | undefined;
    for (const functions of stack.toReversed()) {
      for (const [index, callee] of [...functions.entries()].reverse()) {
        // A pair counts once per sample. A function that calls itself is no pair.
        if (caller !== undefined && callee !== caller && addTo(seen, callee, caller)) {
          this.count(callee, caller, index < functions.length - 1, value);
        }
        caller = callee;
      }
    }
  }

  /** @param total Sum of the flat values of all functions. */
  markOf(callee: F, total: bigint): InlineMark | undefined {
    const cutoff = absolute(total) / EDGES_PER_TOTAL;
    const calls = [...(this.calls.get(callee)?.values() ?? [])].filter(
      ({ value }) => absolute(value) >= cutoff,
    );
    if (!calls.some(({ inlined }) => inlined)) return undefined;
    return calls.every(({ inlined }) => inlined) ? 'inline' : 'partial-inline';
  }

  private count(callee: F, caller: F, inlined: boolean, value: bigint): void {
    let callers = this.calls.get(callee);
    if (callers === undefined) this.calls.set(callee, (callers = new Map<F, Call>()));
    const call = callers.get(caller);
    if (call === undefined) {
      callers.set(caller, { inlined, value });
    } else {
      call.inlined &&= inlined;
      call.value += value;
    }
  }
}

/** Returns whether the pair is new. */
function addTo<F>(pairs: Map<F, Set<F>>, callee: F, caller: F): boolean {
  const callers = pairs.get(callee);
  if (callers === undefined) pairs.set(callee, new Set([caller]));
  else if (callers.has(caller)) return false;
  else callers.add(caller);
  return true;
}
