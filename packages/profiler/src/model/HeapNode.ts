/** What a stack allocated and still uses, by size of object. */
export interface LiveEntry {
  readonly sizeBytes: number;
  readonly count: number;
}

/** What a stack allocated, and what of it is in use; estimates, scaled up from the samples. */
export interface AllocationEntry {
  readonly inuseObjects: number;
  readonly inuseSpaceBytes: number;
  readonly allocObjects: number;
  readonly allocSpaceBytes: number;
}

/** A function in a tree of call stacks, the root being no function. The shape is that of `@datadog/pprof`. */
interface Node<Entry, Child> {
  readonly name?: string;
  readonly scriptName: string;
  readonly scriptId?: number;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
  readonly allocations: Entry[];
  readonly children: Child[];
}

/** Of sampling without allocations. */
export type LiveNode = Node<LiveEntry, LiveNode>;

/** Of sampling with allocations. */
export type AllocationNode = Node<AllocationEntry, AllocationNode>;

/** Either, as the native side gives it. */
export type HeapNode = LiveNode | AllocationNode;
