import { boolean, integerInRange, knownKeys } from '../base/validate';

/** Options of a reader of the heap. */
export interface HeapOptions {
  /**
   * Mean number of bytes allocated between two samples, an integer from 1,024 to 1,073,741,824.
   * Default 524,288, as in Go. The figure of a stack that holds B bytes has a relative error of
   * about sqrt(intervalBytes / B).
   */
  readonly intervalBytes?: number;
  /** Number of innermost functions kept of each stack, an integer from 1 to 1,024. Default 64. */
  readonly stackDepth?: number;
  /**
   * Also samples objects that are garbage by now, so that the profile shows which code allocates.
   * Needs Node.js 26 or later, see `heapSupport`. Every profile then forces a garbage collection.
   * Default false.
   */
  readonly allocations?: boolean;
}

export type ResolvedHeapOptions = Required<HeapOptions>;

/**
 * Returns `options` with the defaults filled in.
 * @param owner Name of `options` in errors.
 * @throws InvalidOptionError if an option is unknown or out of range.
 */
export function resolveHeapOptions(
  options: HeapOptions = {},
  owner = 'HeapOptions',
): ResolvedHeapOptions {
  knownKeys(owner, options, ['intervalBytes', 'stackDepth', 'allocations']);
  const { intervalBytes = 524_288, stackDepth = 64, allocations = false } = options;
  return {
    intervalBytes: integerInRange('intervalBytes', intervalBytes, 1_024, 2 ** 30),
    stackDepth: integerInRange('stackDepth', stackDepth, 1, 1_024),
    allocations: boolean('allocations', allocations),
  };
}
