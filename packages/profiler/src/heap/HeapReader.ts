import type { Profile } from '../pprof/Profile';

/** Whether the heap of the current thread can be sampled. */
export interface HeapSupport {
  readonly supported: boolean;
  /** Whether the runtime can sample `allocations`. */
  readonly allocations: boolean;
  /** Why not, of whichever of the two is false. */
  readonly reason?: string;
}

/** One of any number of readers of the heap. */
export interface HeapReader {
  /** The interval at which the heap is sampled: that of whoever opened the first of the readers. Bytes. */
  readonly intervalBytes: number;
  /** Whether its profiles have `alloc_objects` and `alloc_space`. */
  readonly allocations: boolean;
  /**
   * The heap in pprof's format. Any number of calls; none changes what another reader sees. Sample types:
   *
   * - `inuse_objects` (count) and `inuse_space` (bytes, the default): what was allocated since sampling began, by whichever reader,
   *   and is in use now; `(external)` is the memory outside V8's heap that belongs to its objects, such as buffers;
   * - with allocations, `alloc_objects` and `alloc_space` (the default then): what was allocated since this reader was opened.
   *   In use is then what was allocated since the sampler's buffer was last emptied, at the time that a comment names: it holds
   *   100,000 samples, which at the default interval is 50 GB of allocations.
   *
   * Blocks the thread: a few milliseconds, with allocations up to some hundred and a full garbage collection.
   *
   * @throws SamplerUnavailableError from when somebody else in the process has stopped the sampling; Error when closed.
   */
  profile(): Profile;
  /** Ends it; the last one stops the sampling. Further calls do nothing. */
  close(): void;
}
