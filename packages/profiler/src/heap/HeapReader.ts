import type { Profile } from '../pprof/Profile';

/** Whether the heap of the current thread can be sampled. */
export interface HeapSupport {
  readonly supported: boolean;
  /** Whether the runtime can sample `allocations`. */
  readonly allocations: boolean;
  /** Why `supported` or `allocations` is false. */
  readonly reason?: string;
}

/** A reader of the heap. A thread can have any number of readers. */
export interface HeapReader {
  /** Mean number of bytes allocated between two samples. The first open reader determines it. */
  readonly intervalBytes: number;
  /** Whether its profiles have the sample types `alloc_objects` and `alloc_space`. */
  readonly allocations: boolean;
  /**
   * Returns the heap in pprof's format. A call changes nothing that another reader sees. Sample
   * types:
   *
   * - `inuse_objects` (count) and `inuse_space` (bytes, the default): objects that were allocated
   *   since sampling began and are still in use. Sampling began with the first open reader, not
   *   with this one. `(external)` is memory outside V8's heap that belongs to its objects, such as
   *   buffers.
   * - With allocations also `alloc_objects` (count) and `alloc_space` (bytes, then the default):
   *   everything allocated since this reader was opened.
   *
   * With allocations, the sampler's buffer holds 100,000 samples and is emptied when it is full. At
   * the default interval that is after 50 GB of allocations. "In use" then covers only objects that
   * were allocated since the buffer was last emptied. A comment in the profile states that time.
   *
   * Blocks the thread for a few milliseconds. With allocations it takes up to several hundred
   * milliseconds and forces a full garbage collection.
   *
   * @throws SamplerUnavailableError if other code in the process has stopped the sampling.
   * @throws Error if the reader is closed.
   */
  profile(): Profile;
  /** Ends the reader. Closing the last reader stops the sampling. Further calls do nothing. */
  close(): void;
  /** Closes the reader. */
  [Symbol.dispose](): void;
}
