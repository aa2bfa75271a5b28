import { SamplerUnavailableError, toError } from '../base/errors';
import type { AllocationNode, HeapNode } from '../model/HeapNode';
import type { HeapSupport } from './HeapReader';
import { type HeapParts, HeapSampling, isSampling } from './HeapSampling';
import { combineAllocations } from './combineAllocations';
import { liveOnly } from './heapTree';
import type { ResolvedHeapOptions } from './options';

const IN_USE_BY_OTHER =
  "V8's heap sampler is already on, and there is one per thread. node:inspector, v8.startHeapProfile, dd-trace or " +
  'pprof.heap.start of @datadog/pprof has started it. Stop it there, or let that code read the heap through rulescope';

const SAMPLED_WITHOUT_ALLOCATIONS =
  'the heap is already sampled without allocations, and a restart would lose the samples of the open readers: open the reader ' +
  'with allocations first, or close the other readers';

/** A reader at the level of the heap: it returns trees, not profiles. */
export interface HeapTreeReader {
  readonly sampling: HeapSampling;
  /**
   * Whether its trees have allocations. A reader without them can share a sampling that has them.
   */
  readonly allocations: boolean;
  /**
   * Returns the memory in use now. With allocations also everything allocated since the reader was
   * opened or last restarted.
   * @throws SamplerUnavailableError if the sampling is lost.
   */
  read(): HeapNode;
  /** Returns the same as {@link read}, and counts allocations from here on anew. */
  restart(): HeapNode;
  /** Ends the reader. Closing the last reader stops the sampling. Further calls do nothing. */
  close(): void;
}

interface Run {
  readonly sampling: HeapSampling;
  readonly readers: Set<HeapTreeReader>;
}

/**
 * Shares V8's heap sampler among any number of readers; V8 has one per thread. The first reader
 * starts it and the last one stops it.
 */
export class HeapProfiler {
  private run: Run | undefined;
  private allocationsSupported: Error | true | undefined;

  constructor(private readonly parts: HeapParts) {}

  /**
   * Returns whether the heap can be sampled. If needed, starts the sampler for a moment to find
   * out.
   */
  support(): HeapSupport {
    if (this.currentRun() === undefined && isSampling(this.parts.native)) {
      return { supported: false, allocations: false, reason: IN_USE_BY_OTHER };
    }
    const support = this.allocationSupport();
    return support === true
      ? { supported: true, allocations: true }
      : { supported: true, allocations: false, reason: support.message };
  }

  /**
   * Opens a reader.
   * @throws SamplerUnavailableError if the heap cannot be sampled with these options. The message
   *   says what to do.
   */
  open(options: ResolvedHeapOptions): HeapTreeReader {
    const { allocations } = options;
    const run = this.currentRun() ?? this.start(options);
    const { sampling, readers } = run;
    if (allocations && !sampling.options.allocations) {
      const support = this.allocationSupport();
      throw new SamplerUnavailableError(
        support === true ? SAMPLED_WITHOUT_ALLOCATIONS : support.message,
      );
    }
    // Allocations before this point do not belong to the new reader.
    let before = allocations && readers.size > 0 ? (sampling.read() as AllocationNode) : undefined;
    const reader: HeapTreeReader = {
      sampling,
      allocations,
      read() {
        if (!readers.has(reader)) throw new Error('this heap reader is closed');
        const tree = sampling.read();
        return allocations ? allocatedSince(before, tree as AllocationNode) : liveOnly(tree);
      },
      restart() {
        const tree = reader.read();
        if (allocations) before = addAllocations(before, tree as AllocationNode);
        return tree;
      },
      close: () => {
        if (!readers.delete(reader) || readers.size > 0) return;
        sampling.stop();
        if (this.run === run) this.run = undefined;
      },
    };
    readers.add(reader);
    return reader;
  }

  /** Returns the run that is on. A lost run stays with the readers that it had. */
  private currentRun(): Run | undefined {
    if (this.run?.sampling.isOn() === false) this.run = undefined;
    return this.run;
  }

  private start(options: ResolvedHeapOptions): Run {
    if (isSampling(this.parts.native)) throw new SamplerUnavailableError(IN_USE_BY_OTHER);
    const support = this.allocationSupport();
    if (options.allocations && support !== true) throw new SamplerUnavailableError(support.message);
    return (this.run = { sampling: new HeapSampling(this.parts, options), readers: new Set() });
  }

  /**
   * Returns whether the native sampler can sample allocations. It is tried once, before the first
   * start, while nothing is sampled.
   */
  private allocationSupport(): Error | true {
    if (this.allocationsSupported === undefined) {
      const { native } = this.parts;
      try {
        native.startSamplingHeapProfiler(2 ** 30, 1, true);
        this.allocationsSupported = true;
      } catch (thrown) {
        this.allocationsSupported = toError(thrown);
      }
      native.stopSamplingHeapProfiler();
    }
    return this.allocationsSupported;
  }
}

function allocatedSince(before: AllocationNode | undefined, tree: AllocationNode): AllocationNode {
  if (before === undefined) return tree;
  return combineAllocations([
    { tree, sign: 1, inuse: true },
    { tree: before, sign: -1, inuse: false },
  ]);
}

function addAllocations(before: AllocationNode | undefined, tree: AllocationNode): AllocationNode {
  const added = { tree, sign: 1, inuse: false } as const;
  return combineAllocations(
    before === undefined ? [added] : [added, { tree: before, sign: 1, inuse: false }],
  );
}
