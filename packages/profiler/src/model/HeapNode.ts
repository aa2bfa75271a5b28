/** Objects of one size that a call stack allocated and that are still in use. */
export interface LiveEntry {
  readonly sizeBytes: number;
  readonly count: number;
}

/**
 * Objects that a call stack allocated, and the part of them that is still in use. All figures are
 * estimates, scaled up from the samples.
 */
export interface AllocationEntry {
  readonly inuseObjects: number;
  readonly inuseSpaceBytes: number;
  readonly allocObjects: number;
  readonly allocSpaceBytes: number;
}

/**
 * Function in a tree of call stacks. The root is not a function. The shape is the one that
 * `@datadog/pprof` returns.
 */
interface Node<Entry, Child> {
  readonly name?: string;
  readonly scriptName: string;
  readonly scriptId?: number;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
  readonly allocations: Entry[];
  readonly children: Child[];
}

/** Node of a profile that was sampled without allocations. */
export type LiveNode = Node<LiveEntry, LiveNode>;

/** Node of a profile that was sampled with allocations. */
export type AllocationNode = Node<AllocationEntry, AllocationNode>;

/** Node of either kind, as the native side returns it. */
export type HeapNode = LiveNode | AllocationNode;
