import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { SamplerUnavailableError, toError } from '../base/errors';
import type { Clock } from '../collector/Clock';
import type { AllocationNode, HeapNode } from '../model/HeapNode';
import type { NativeHeap } from '../native/loadNativeHeap';
import { type Part, combineAllocations } from './combineAllocations';
import { hasAllocations } from './heapTree';
import type { ResolvedHeapOptions } from './options';

/**
 * Limit of the sampler's buffer. With allocations, V8 keeps every sample (about 100 bytes) until
 * sampling stops.
 */
const MAX_SAMPLES = 100_000;
/**
 * How often to check the buffer. At 1 GB of allocations per second and the default interval, 20,000
 * samples arrive in this time.
 */
const CHECK_MILLIS = 10_000;
/**
 * Most places in the code whose totals are kept after the buffer is emptied. Programs have
 * thousands of places, more only if they keep generating code.
 */
const MAX_NODES = 100_000;

/** What a sampling is built from. */
export interface HeapParts {
  readonly native: NativeHeap;
  readonly clock: Clock;
  /**
   * Returns the bytes allocated in the isolate so far, or `undefined` if the runtime does not count
   * them.
   */
  readonly allocatedBytes: () => number | undefined;
}

/**
 * Returns whether any code in this isolate samples the heap: rulescope, the inspector or another
 * copy of the library.
 */
export function isSampling(native: NativeHeap): boolean {
  try {
    native.mapAllocationProfile(() => undefined);
    return true;
  } catch (thrown) {
    return !toError(thrown).message.includes('not enabled');
  }
}

/**
 * Returns V8's count of allocated bytes. The type of `getHeapStatistics` in the oldest supported
 * `@types/node` lacks the property.
 */
export function allocatedBytes(): number | undefined {
  return (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes;
}

/**
 * One run of V8's heap sampler, from start to stop. With allocations, it empties the sampler's
 * buffer before the buffer grows large, and the readers do not notice.
 */
export class HeapSampling {
  /** The error, if the sampling ended although rulescope did not stop it. */
  lost: SamplerUnavailableError | undefined;
  /**
   * Time since which allocated objects can be found in use, milliseconds since the epoch. Changes
   * when the buffer is emptied.
   */
  inuseSince: number;
  /** Totals of the samples that were removed from the buffer. */
  private emptied: AllocationNode | undefined;
  private allocatedAtStart: number | undefined;
  private cancelTimer: (() => void) | undefined;
  private outOfMemoryOptions: unknown[] | undefined;

  /** Starts the sampling. */
  constructor(
    private readonly parts: HeapParts,
    readonly options: ResolvedHeapOptions,
  ) {
    this.inuseSince = this.start();
    if (options.allocations) this.checkLater();
  }

  /**
   * Returns the memory in use now, and with allocations also everything allocated since the start.
   * @throws SamplerUnavailableError if the sampling is lost.
   */
  read(): HeapNode {
    const tree = this.readNative();
    if (!this.options.allocations) return tree;
    const inuse = { tree: tree as AllocationNode, sign: 1, inuse: true } as const;
    const whole = combineAllocations([inuse, ...this.emptiedPart()]);
    if (this.isFull()) this.emptyBuffer(tree as AllocationNode);
    return whole;
  }

  /** Calls `callback` with the memory in use; only without allocations. @throws as {@link read}. */
  map<T>(callback: (root: HeapNode) => T): T {
    this.assertOn();
    return this.parts.native.mapAllocationProfile(callback);
  }

  /**
   * Starts watching for the end of memory. `options` are the arguments of the native function. Ends
   * with the sampling or with {@link ignoreOutOfMemory}.
   * @throws SamplerUnavailableError if the sampling is lost.
   */
  monitorOutOfMemory(options: unknown[]): void {
    this.assertOn();
    this.parts.native.monitorOutOfMemory(...options);
    this.outOfMemoryOptions = options;
  }

  ignoreOutOfMemory(): void {
    if (this.outOfMemoryOptions === undefined || !this.isOn()) return;
    // The native library has no function that ends it. Allowing no extension of the heap and asking
    // for no report has the same effect.
    this.parts.native.monitorOutOfMemory(0, 0, false, [], undefined, 1, isMainThread, false);
    this.outOfMemoryOptions = undefined;
  }

  stop(): void {
    this.cancelTimer?.();
    const { native } = this.parts;
    // A sampling that is on after ours was lost belongs to other code.
    if (this.lost === undefined || !isSampling(native)) native.stopSamplingHeapProfiler();
  }

  /** Returns whether the sampling is still on. If not, marks it as lost. */
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
        // The sampling is lost. Readers get the error when they read.
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
    'other code in this process (node:inspector, v8.startHeapProfile or another user of @datadog/pprof) stopped or changed ' +
      "V8's heap sampler, and there is one per thread. Its samples are lost: close this reader and open another",
    { cause },
  );
}
