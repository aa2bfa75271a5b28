import { type Profile, ValueType } from 'pprof-format';
import type { HeapNode } from '../model/HeapNode';
import type { NativeHeap } from '../native/loadNativeHeap';
import { programMapping } from '../pprof/programMapping';
import { withExternal, withPaths } from './heapTree';

/** Facts about a heap profile as a whole. */
export interface HeapHeader {
  /** Time of the profile, milliseconds since the epoch. */
  readonly epochMillis: number;
  /** Mean number of bytes between two samples. */
  readonly intervalBytes: number;
  /** Whether the tree has allocations. */
  readonly allocations: boolean;
  /** Memory outside V8's heap that belongs to its objects. */
  readonly externalBytes: number;
  /** Path of the program, pprof's "File". */
  readonly program: string;
  readonly comments: readonly string[];
}

/**
 * Returns `tree` in pprof's format: the output of the native library's serializer, with the period
 * type of Go's heap profiles, by which Pyroscope names them, plus a mapping and comments.
 */
export function heapProfile(native: NativeHeap, tree: HeapNode, header: HeapHeader): Profile {
  const { epochMillis, intervalBytes, allocations, externalBytes, program, comments } = header;
  // Nothing counts the external memory that was ever allocated.
  const external = { inuseBytes: externalBytes, allocatedBytes: 0 };
  const profile = native.serializeHeapProfile(
    withExternal(withPaths(tree), allocations, external),
    epochMillis * 1e6,
    intervalBytes,
    undefined,
    undefined,
    undefined,
    allocations,
    undefined,
  );
  const text = (value: string): number => profile.stringTable.dedup(value);
  profile.periodType = new ValueType({ type: text('space'), unit: text('bytes') });
  profile.mapping = [programMapping(program, text)];
  for (const location of profile.location) location.mappingId = 1;
  profile.defaultSampleType = text(allocations ? 'alloc_space' : 'inuse_space');
  profile.comment = comments.map(text);
  return profile;
}
