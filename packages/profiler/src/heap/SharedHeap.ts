import { SamplerUnavailableError, toError } from '../base/errors';
import type { AllocationNode, HeapNode } from '../model/HeapNode';
import type { HeapSupport } from './HeapReader';
import { type HeapParts, HeapSampling, isSampling } from './HeapSampling';
import { combineAllocations } from './combineAllocations';
import { liveOnly } from './heapTree';
import type { ResolvedHeapOptions } from './options';

const IN_USE_BY_OTHER =
  "V8's heap sampling, of which there is one per thread, is already on: node:inspector, v8.startHeapProfile, dd-trace, or " +
  'pprof.heap.start of @datadog/pprof. Stop it there, or have that one read through rulescope';

const ALREADY_WITHOUT =
  'the heap is being sampled without allocations, and to change that would lose what the readers so far have: open the reader ' +
  'with allocations first, or close the others';

/** A reader as the heap sees it: trees, not profiles. */
export interface HeapTap {
  readonly sampling: HeapSampling;
  /** Of its trees; a tap without them gets what is in use from a sampling that has them. */
  readonly allocations: boolean;
  /** In use now, and allocated since it was opened or last restarted. @throws SamplerUnavailableError */
  read(): HeapNode;
  /** What {@link read} returns; allocations count anew from here. */
  restart(): HeapNode;
  /** Ends it; the last one stops the sampling. Further calls do nothing. */
  close(): void;
}

interface Run {
  readonly sampling: HeapSampling;
  readonly taps: Set<HeapTap>;
}

/** V8's heap sampling, of which there is one per thread, for any number of readers. The first one starts it, the last to leave stops it. */
export class SharedHeap {
  private run: Run | undefined;
  private canAllocations: Error | true | undefined;

  constructor(private readonly parts: HeapParts) {}

  /** Starts nothing for longer than it takes to see whether it would start. */
  support(): HeapSupport {
    if (this.currentRun() === undefined && isSampling(this.parts.native)) {
      return { supported: false, allocations: false, reason: IN_USE_BY_OTHER };
    }
    const can = this.allocationSupport();
    return can === true
      ? { supported: true, allocations: true }
      : { supported: true, allocations: false, reason: can.message };
  }

  /** @throws SamplerUnavailableError when the heap cannot be sampled so, with what to do about it */
  open(options: ResolvedHeapOptions): HeapTap {
    const { allocations } = options;
    const run = this.currentRun() ?? this.start(options);
    const { sampling, taps } = run;
    if (allocations && !sampling.options.allocations) {
      const can = this.allocationSupport();
      throw new SamplerUnavailableError(can === true ? ALREADY_WITHOUT : can.message);
    }
    // What was allocated before the tap was opened is not its own.
    let before = allocations && taps.size > 0 ? (sampling.read() as AllocationNode) : undefined;
    const tap: HeapTap = {
      sampling,
      allocations,
      read() {
        if (!taps.has(tap)) throw new Error('this reader of the heap is closed');
        const tree = sampling.read();
        return allocations ? since(before, tree as AllocationNode) : liveOnly(tree);
      },
      restart() {
        const tree = tap.read();
        if (allocations) before = sum(before, tree as AllocationNode);
        return tree;
      },
      close: () => {
        if (!taps.delete(tap) || taps.size > 0) return;
        sampling.stop();
        if (this.run === run) this.run = undefined;
      },
    };
    taps.add(tap);
    return tap;
  }

  /** The run that is on; one that was lost is left to the readers it had. */
  private currentRun(): Run | undefined {
    if (this.run?.sampling.isOn() === false) this.run = undefined;
    return this.run;
  }

  private start(options: ResolvedHeapOptions): Run {
    if (isSampling(this.parts.native)) throw new SamplerUnavailableError(IN_USE_BY_OTHER);
    const can = this.allocationSupport();
    if (options.allocations && can !== true) throw new SamplerUnavailableError(can.message);
    return (this.run = { sampling: new HeapSampling(this.parts, options), taps: new Set() });
  }

  /** Asked once, of the native side itself, and while nothing is sampled: before the first start. */
  private allocationSupport(): Error | true {
    if (this.canAllocations === undefined) {
      const { native } = this.parts;
      try {
        native.startSamplingHeapProfiler(2 ** 30, 1, true);
        this.canAllocations = true;
      } catch (thrown) {
        this.canAllocations = toError(thrown);
      }
      native.stopSamplingHeapProfiler();
    }
    return this.canAllocations;
  }
}

function since(before: AllocationNode | undefined, tree: AllocationNode): AllocationNode {
  if (before === undefined) return tree;
  return combineAllocations([
    { tree, sign: 1, inuse: true },
    { tree: before, sign: -1, inuse: false },
  ]);
}

function sum(before: AllocationNode | undefined, tree: AllocationNode): AllocationNode {
  const added = { tree, sign: 1, inuse: false } as const;
  return combineAllocations(
    before === undefined ? [added] : [added, { tree: before, sign: 1, inuse: false }],
  );
}
