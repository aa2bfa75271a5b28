import type { Profile } from 'pprof-format';
import type { HeapNode, LiveNode } from '../model/HeapNode';
import type { HeapTap, SharedHeap } from '../heap/SharedHeap';
import { withExternal } from '../heap/withExternal';
import type { ColumnNumbers, NativeHeap } from '../native/loadNative';

type Labels = Record<string, string | number>;
export type GenerateLabels = (sample: { node: LiveNode }) => Labels;

const UINT32_MAX = 2 ** 32 - 1;

export const CALLBACK_MODE = { Async: 1, Interrupt: 2, Both: 3 };

/** What the drop-in `heap` does, as one reader among others. */
export class DatadogHeap {
  private tap: HeapTap | undefined;
  private intervalBytes = 0;
  private stackDepth = 0;

  constructor(
    /** Asked for late: what does not load must not hinder `stop`. */
    private readonly parts: {
      readonly heap: () => SharedHeap;
      readonly native: () => NativeHeap;
      readonly isMainThread: boolean;
    },
  ) {}

  start(intervalBytes: number, stackDepth: number, allocations = false): void {
    if (this.tap !== undefined) {
      throw new Error(
        `Heap profiler is already started  with intervalBytes ${this.intervalBytes} and stackDepth ${this.stackDepth}`,
      );
    }
    assertArguments(intervalBytes, stackDepth, allocations);
    this.tap = this.parts.heap().open({ intervalBytes, stackDepth, allocations });
    this.intervalBytes = this.tap.sampling.options.intervalBytes;
    this.stackDepth = this.tap.sampling.options.stackDepth;
  }

  stop(): void {
    const { tap } = this;
    this.tap = undefined;
    tap?.close();
    tap?.sampling.ignoreOutOfMemory();
  }

  v8Profile(): HeapNode {
    return this.started().read();
  }

  profile(
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
  ): Profile {
    const tree = this.started().restart();
    return this.convertProfile(tree, ignoreSamplePath, sourceMapper, generateLabels, columnNumbers);
  }

  profileV2(
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
  ): Profile {
    const tap = this.started();
    if (tap.allocations) throw new Error('profileV2 does not support allocation mode.');
    const convert = (root: HeapNode): Profile =>
      this.convertProfile(root, ignoreSamplePath, sourceMapper, generateLabels, columnNumbers);
    // Where another reader has allocations, there are no lazy nodes.
    return tap.sampling.options.allocations ? convert(tap.read()) : tap.sampling.map(convert);
  }

  convertProfile(
    rootNode: HeapNode,
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
    allocations = this.tap?.allocations ?? false,
  ): Profile {
    const { external } = process.memoryUsage();
    const amount = { inuseBytes: external, allocatedBytes: external };
    return this.parts
      .native()
      .serializeHeapProfile(
        withExternal(rootNode, allocations, amount),
        Date.now() * 1e6,
        this.intervalBytes,
        ignoreSamplePath,
        sourceMapper,
        generateLabels,
        allocations,
        columnNumbers,
      );
  }

  monitorOutOfMemory(
    heapLimitExtensionSize: number | 'auto',
    maxHeapLimitExtensionCount: number,
    dumpHeapProfileOnSdterr: boolean,
    exportCommand?: string[],
    callback?: (profile: Profile) => void,
    callbackMode = CALLBACK_MODE.Async,
  ): void {
    if (this.tap === undefined) {
      throw new Error('Heap profiler must already be started to call monitorOutOfMemory');
    }
    const automatic = heapLimitExtensionSize === 'auto';
    this.tap.sampling.monitorOutOfMemory([
      automatic ? 0 : heapLimitExtensionSize,
      maxHeapLimitExtensionCount,
      dumpHeapProfileOnSdterr,
      exportCommand ?? [],
      // The native side gives a tree without allocations here, however it samples.
      callback && ((root: HeapNode) => callback(this.convertLive(root))),
      callbackMode,
      this.parts.isMainThread,
      automatic,
    ]);
  }

  private convertLive(root: HeapNode): Profile {
    return this.convertProfile(root, undefined, undefined, undefined, undefined, false);
  }

  private started(): HeapTap {
    if (this.tap === undefined) throw new Error('Heap profiler is not enabled.');
    return this.tap;
  }
}

/** The native side checks the same, but only when it starts, and an interval of 0 ends the process. */
function assertArguments(intervalBytes: unknown, stackDepth: unknown, allocations: unknown): void {
  const isUint32 = Number.isInteger(intervalBytes) && Number(intervalBytes) <= UINT32_MAX;
  if (!isUint32 || Number(intervalBytes) < 1) {
    throw new TypeError('First argument type must be uint32.');
  }
  if (typeof stackDepth !== 'number') {
    throw new TypeError('Second argument type must be Integer.');
  }
  if (typeof allocations !== 'boolean') {
    throw new TypeError('Third argument type must be boolean.');
  }
}
