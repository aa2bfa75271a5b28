import type { AllocationEntry, AllocationNode, HeapNode, LiveNode } from '../../src/model/HeapNode';
import type { NativeHeap } from '../../src/native/loadNativeHeap';

/** Size of each object, bytes. */
const SIZE = 10;

/** Heap sampler that samples every object. Like the real one, any code can start and stop it. */
export class FakeNativeHeap implements NativeHeap {
  /** Current mode of the sampler. */
  sampling: 'off' | 'live' | 'allocations' = 'off';
  allocationsWork = true;
  starts = 0;
  outOfMemory: unknown[] | undefined;
  private objects: { where: string; live: boolean }[] = [];

  /** Allocates `count` objects in the function `where`. */
  allocate(where: string, count: number): void {
    if (this.sampling === 'off') return;
    for (let i = 0; i < count; i++) this.objects.push({ where, live: true });
  }

  /** Frees all objects of the function `where`. */
  free(where: string): void {
    for (const object of this.objects) if (object.where === where) object.live = false;
  }

  /** Number of samples that the sampler keeps. */
  get buffered(): number {
    return this.objects.length;
  }

  startSamplingHeapProfiler(_interval: number, _depth: number, allocations: boolean): void {
    if (allocations && !this.allocationsWork) throw new Error('no allocations here');
    this.starts++;
    if (this.sampling === 'off') this.sampling = allocations ? 'allocations' : 'live';
  }

  stopSamplingHeapProfiler(): void {
    this.sampling = 'off';
    this.objects = [];
    this.outOfMemory = undefined;
  }

  getAllocationProfile(): HeapNode {
    if (this.sampling === 'off') throw new Error('Heap profiler is not enabled.');
    const places = [...new Set(this.objects.map(({ where }) => where))];
    if (this.sampling === 'live') return liveTree(places.map((where) => [where, this.live(where)]));
    return allocationTree(
      places.map((where) => [
        where,
        this.live(where),
        this.objects.filter((object) => object.where === where).length,
      ]),
    );
  }

  mapAllocationProfile<T>(callback: (root: HeapNode) => T): T {
    if (this.sampling === 'allocations') throw new Error('does not support allocation mode');
    return callback(this.getAllocationProfile());
  }

  monitorOutOfMemory(...options: unknown[]): void {
    this.outOfMemory = options;
  }

  serializeHeapProfile(): never {
    throw new Error('not faked');
  }

  private live(where: string): number {
    return this.objects.filter((object) => object.live && object.where === where).length;
  }
}

const ROOT = { name: '(root)', scriptName: '', allocations: [] };
const place = (name: string) => ({ name, scriptName: 'app.js', scriptId: 1, lineNumber: 1 });

/**
 * Returns the tree of functions that the root calls, each with the number of 10-byte objects that
 * it has in use.
 */
export function liveTree(functions: [string, number][]): LiveNode {
  const children = functions.map(([name, count]) => ({
    ...place(name),
    allocations: [{ sizeBytes: SIZE, count }],
    children: [],
  }));
  return { ...ROOT, children };
}

/** Returns the same tree, with the number of objects that each function allocated. */
export function allocationTree(functions: [string, number, number][]): AllocationNode {
  const children = functions.map(([name, inuse, alloc]) => ({
    ...place(name),
    allocations: [
      {
        inuseObjects: inuse,
        inuseSpaceBytes: inuse * SIZE,
        allocObjects: alloc,
        allocSpaceBytes: alloc * SIZE,
      },
    ],
    children: [],
  }));
  return { ...ROOT, children };
}

/**
 * Counts objects by function: objects in use and, if the tree has them, allocated objects. Omits
 * functions without objects.
 */
export function countObjects(tree: HeapNode): Record<string, [number] | [number, number]> {
  const counts: Record<string, [number] | [number, number]> = {};
  for (const { name = '', allocations } of tree.children) {
    for (const entry of allocations) {
      counts[name] = 'count' in entry ? [entry.count] : countsOf(entry);
    }
  }
  return counts;
}

function countsOf({ inuseObjects, allocObjects }: AllocationEntry): [number, number] {
  return [inuseObjects, allocObjects];
}
