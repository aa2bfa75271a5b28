import { Mapping, type Profile } from 'pprof-format';
import type { NativeHeap } from '../native/loadNativeHeap';
import type { HeapNode } from '../model/HeapNode';
import { withExternal } from './heapTree';

/** What describes a profile of the heap as a whole. */
export interface HeapHeader {
  /** When it was taken. */
  readonly epochMillis: number;
  /** Mean number of bytes between two samples. */
  readonly intervalBytes: number;
  /** Whether the tree has allocations. */
  readonly allocations: boolean;
  /** The memory outside V8's heap that belongs to its objects. */
  readonly externalBytes: number;
  /** The program, as pprof's "File". */
  readonly program: string;
  readonly comments: readonly string[];
}

/** `tree` in pprof's format: what the native library's serialiser makes of it, with a mapping and comments. */
export function heapProfile(native: NativeHeap, tree: HeapNode, header: HeapHeader): Profile {
  const { epochMillis, intervalBytes, allocations, externalBytes, program, comments } = header;
  // How much of it was ever allocated nobody counts.
  const external = { inuseBytes: externalBytes, allocatedBytes: 0 };
  const profile = native.serializeHeapProfile(
    withExternal(tree, allocations, external),
    epochMillis * 1e6,
    intervalBytes,
    undefined,
    undefined,
    undefined,
    allocations,
    undefined,
  );
  const text = (value: string): number => profile.stringTable.dedup(value);
  profile.mapping = [
    new Mapping({
      id: 1,
      filename: text(program),
      hasFunctions: true,
      hasFilenames: true,
      hasLineNumbers: true,
    }),
  ];
  for (const location of profile.location) location.mappingId = 1;
  profile.defaultSampleType = text(allocations ? 'alloc_space' : 'inuse_space');
  profile.comment = comments.map(text);
  return profile;
}
