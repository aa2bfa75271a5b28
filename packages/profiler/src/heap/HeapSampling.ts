import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type { Clock } from '../collector/Clock';
import { SamplerUnavailableError } from '../base/errors';
import type { NativeHeap } from '../native/loadNativeHeap';
import type { AllocationNode, HeapNode } from '../model/HeapNode';
import { type Part, combineAllocations } from './combineAllocations';
import { hasAllocations } from './heapTree';
import type { ResolvedHeapOptions } from './options';

/** With allocations V8 keeps each sample, some 100 bytes, until it is stopped. */
const MAX_SAMPLES = 100_000;
/** At 1 GB of allocations a second and the default interval, 20,000 samples. */
const CHECK_MILLIS = 10_000;
/** Places whose totals outlive the sampler's buffer; programs have thousands, unless they go on making code. */
const MAX_NODES = 100_000;

/** What a sampling needs. */
export interface HeapParts {
  readonly native: NativeHeap;
  readonly clock: Clock;
  /** Bytes allocated in the isolate so far; `undefined` where the runtime does not count them. */
  readonly allocatedBytes: () => number | undefined;
}

/** Whether anybody in this isolate samples the heap: us, the inspector, another copy of the library. */
export function isSampling(native: NativeHeap): boolean {
  try {
    native.mapAllocationProfile(() => undefined);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && thrown.message.includes('not enabled'));
  }
}

/** @types/node of the oldest supported version lacks it. */
export function allocatedBytes(): number | undefined {
  return (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes;
}

/** One run of V8's heap sampler, from start to stop. With allocations its buffer is emptied under the readers before it grows large. */
export class HeapSampling {
  /** Why it is over although nobody of ours stopped it. */
  lost: SamplerUnavailableError | undefined;
  /** When the oldest object that can be found in use was allocated; changes when the buffer is emptied. */
  inuseSince: number;
  /** Totals of the samples that were in the buffer when it was emptied. */
  private emptied: AllocationNode | undefined;
  private allocatedAtStart: number | undefined;
  private cancelTimer: (() => void) | undefined;
  private outOfMemoryOptions: unknown[] | undefined;

  /** Starts. */
  constructor(
    private readonly parts: HeapParts,
    readonly options: ResolvedHeapOptions,
  ) {
    this.inuseSince = this.start();
    if (options.allocations) this.checkLater();
  }

  /** What is in use now, and with allocations what was allocated since the start. @throws SamplerUnavailableError when lost */
  read(): HeapNode {
    const tree = this.readNative();
    if (!this.options.allocations) return tree;
    const inuse = { tree: tree as AllocationNode, sign: 1, inuse: true } as const;
    const whole = combineAllocations([inuse, ...this.emptiedPart()]);
    if (this.isFull()) this.emptyBuffer(tree as AllocationNode);
    return whole;
  }

  /** Calls `callback` with what is in use; without allocations only. @throws SamplerUnavailableError when lost */
  map<T>(callback: (root: HeapNode) => T): T {
    this.assertOn();
    return this.parts.native.mapAllocationProfile(callback);
  }

  /** Arguments of the native side. Goes on until the sampling stops or {@link ignoreOutOfMemory}. */
  monitorOutOfMemory(options: unknown[]): void {
    this.assertOn();
    this.parts.native.monitorOutOfMemory(...options);
    this.outOfMemoryOptions = options;
  }

  ignoreOutOfMemory(): void {
    if (this.outOfMemoryOptions === undefined || !this.isOn()) return;
    // There is no other way to end it than to allow no extension and ask for no report.
    this.parts.native.monitorOutOfMemory(0, 0, false, [], undefined, 1, isMainThread, false);
    this.outOfMemoryOptions = undefined;
  }

  stop(): void {
    this.cancelTimer?.();
    const { native } = this.parts;
    // What is on after it was lost is somebody else's.
    if (this.lost === undefined || !isSampling(native)) native.stopSamplingHeapProfiler();
  }

  /** Whether it is still on; if not, it is lost. */
  isOn(): boolean {
    const { native } = this.parts;
    if (this.lost === undefined && !isSampling(native)) this.lost = stoppedByOther();
    return this.lost === undefined;
  }

  private start(): number {
    const { native, clock, allocatedBytes: allocated } = this.parts;
    const { intervalBytes, stackDepth, allocations } = this.options;
    native.startSamplingHeapProfiler(intervalBytes, stackDepth, allocations);
    this.allocatedAtStart = allocated();
    return clock.now().epochMillis;
  }

  private assertOn(): void {
    if (!this.isOn()) throw this.lost as Error;
  }

  private readNative(): HeapNode {
    if (this.lost !== undefined) throw this.lost;
    let tree: HeapNode;
    try {
      tree = this.parts.native.getAllocationProfile();
    } catch (thrown) {
      throw (this.lost = stoppedByOther(thrown));
    }
    if (this.options.allocations && !hasAllocations(tree)) throw (this.lost = stoppedByOther());
    return tree;
  }

  private checkLater(): void {
    this.cancelTimer = this.parts.clock.after(CHECK_MILLIS, () => {
      try {
        if (this.isFull()) this.emptyBuffer(this.readNative() as AllocationNode);
        this.checkLater();
      } catch {
        // It is lost: readers get to know when they read.
      }
    });
  }

  private isFull(): boolean {
    const allocated = this.parts.allocatedBytes();
    if (allocated === undefined || this.allocatedAtStart === undefined) return true;
    return (allocated - this.allocatedAtStart) / this.options.intervalBytes > MAX_SAMPLES;
  }

  private emptyBuffer(tree: AllocationNode): void {
    const inBuffer: Part = { tree, sign: 1, inuse: false };
    this.emptied = combineAllocations([inBuffer, ...this.emptiedPart()], MAX_NODES);
    this.parts.native.stopSamplingHeapProfiler();
    this.inuseSince = this.start();
    if (this.outOfMemoryOptions !== undefined) this.monitorOutOfMemory(this.outOfMemoryOptions);
  }

  private emptiedPart(): Part[] {
    return this.emptied === undefined ? [] : [{ tree: this.emptied, sign: 1, inuse: false }];
  }
}

function stoppedByOther(cause?: unknown): SamplerUnavailableError {
  return new SamplerUnavailableError(
    'somebody else in this process (node:inspector, v8.startHeapProfile or another user of @datadog/pprof) stopped or changed ' +
      "V8's heap sampling, of which there is one per thread. What was sampled is gone: close this reader and open another",
    { cause },
  );
}
