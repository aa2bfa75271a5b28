import { InvalidOptionError } from '../base/errors';
import { integerInRange, knownKeys } from '../base/validate';

/** What a reader of the heap asks for. */
export interface HeapOptions {
  /**
   * Mean number of bytes allocated between two samples, 1,024 to 1,073,741,824. Default: 524,288, as in Go. A stack that holds
   * B bytes is known with a relative error of about sqrt(intervalBytes / B).
   */
  readonly intervalBytes?: number;
  /** Functions of a stack that are kept, 1 to 1,024, the innermost ones. Default: 64. */
  readonly stackDepth?: number;
  /**
   * Sample also what is garbage by now, so that the profile says who allocates: Node.js 26 or later, see `heapSupport`. Every
   * profile then forces a garbage collection. Default: false.
   */
  readonly allocations?: boolean;
}

export type ResolvedHeapOptions = Required<HeapOptions>;

/** `options` with the defaults filled in. @throws InvalidOptionError */
export function resolveHeapOptions(options: HeapOptions = {}): ResolvedHeapOptions {
  knownKeys('options', options, ['intervalBytes', 'stackDepth', 'allocations']);
  const { intervalBytes = 524_288, stackDepth = 64, allocations = false } = options;
  if (typeof allocations !== 'boolean') {
    throw new InvalidOptionError('allocations', allocations, 'true or false');
  }
  return {
    intervalBytes: integerInRange('intervalBytes', intervalBytes, 1_024, 2 ** 30),
    stackDepth: integerInRange('stackDepth', stackDepth, 1, 1_024),
    allocations,
  };
}
