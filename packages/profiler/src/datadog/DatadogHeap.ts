import type { Profile } from '#pprof-format';
import { timers } from '../base/timers';
import type { HeapProfiler, HeapTreeReader } from '../heap/HeapProfiler';
import { withExternal, withPaths } from '../heap/heapTree';
import type { HeapNode, LiveNode } from '../model/HeapNode';
import type { ColumnNumbers } from '../native/loadNative';
import type { NativeHeap } from '../native/loadNativeHeap';

type Labels = Record<string, string | number>;
export type GenerateLabels = (sample: { node: LiveNode }) => Labels;

const UINT32_MAX = 2 ** 32 - 1;

export const CALLBACK_MODE = { Async: 1, Interrupt: 2, Both: 3 };

/** Does what `heap` of `@datadog/pprof` does, as one of the readers of the heap. */
export class DatadogHeap {
  private reader: HeapTreeReader | undefined;
  private intervalBytes = 0;
  private stackDepth = 0;

  constructor(
    /** The functions are called late: `stop` must work even if the native library does not load. */
    private readonly parts: {
      readonly heap: () => HeapProfiler;
      readonly native: () => NativeHeap;
      readonly isMainThread: boolean;
    },
  ) {}

  start(intervalBytes: number, stackDepth: number, allocations = false): void {
    if (this.reader !== undefined) {
      throw new Error(
        `Heap profiler is already started  with intervalBytes ${this.intervalBytes} and stackDepth ${this.stackDepth}`,
      );
    }
    assertArguments(intervalBytes, stackDepth, allocations);
    this.reader = this.parts.heap().open({ intervalBytes, stackDepth, allocations });
    this.intervalBytes = this.reader.sampling.options.intervalBytes;
    this.stackDepth = this.reader.sampling.options.stackDepth;
  }

  stop(): void {
    const { reader } = this;
    this.reader = undefined;
    reader?.close();
    reader?.sampling.ignoreOutOfMemory();
  }

  v8Profile(): HeapNode {
    return this.startedReader().read();
  }

  profile(
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
  ): Profile {
    const tree = this.startedReader().restart();
    return this.convertProfile(tree, ignoreSamplePath, sourceMapper, generateLabels, columnNumbers);
  }

  profileV2(
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
  ): Profile {
    const reader = this.startedReader();
    if (reader.allocations) throw new Error('profileV2 does not support allocation mode.');
    const convert = (root: HeapNode): Profile =>
      this.convertProfile(root, ignoreSamplePath, sourceMapper, generateLabels, columnNumbers);
    // The native library can only map a sampling without allocations.
    return reader.sampling.options.allocations
      ? convert(reader.read())
      : reader.sampling.map(convert);
  }

  convertProfile(
    rootNode: HeapNode,
    ignoreSamplePath?: string,
    sourceMapper?: object,
    generateLabels?: GenerateLabels,
    columnNumbers?: ColumnNumbers,
    allocations = this.reader?.allocations ?? false,
  ): Profile {
    const { external } = process.memoryUsage();
    const amount = { inuseBytes: external, allocatedBytes: external };
    return this.parts
      .native()
      .serializeHeapProfile(
        withExternal(withPaths(rootNode), allocations, amount),
        timers.epochMillis() * 1e6,
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
    if (this.reader === undefined) {
      throw new Error('Heap profiler must already be started to call monitorOutOfMemory');
    }
    const automatic = heapLimitExtensionSize === 'auto';
    this.reader.sampling.monitorOutOfMemory([
      automatic ? 0 : heapLimitExtensionSize,
      maxHeapLimitExtensionCount,
      dumpHeapProfileOnSdterr,
      exportCommand ?? [],
      // The native library passes a tree without allocations here, even if it samples with them.
      callback && ((root: HeapNode) => callback(this.convertLive(root))),
      callbackMode,
      this.parts.isMainThread,
      automatic,
    ]);
  }

  private convertLive(root: HeapNode): Profile {
    return this.convertProfile(root, undefined, undefined, undefined, undefined, false);
  }

  private startedReader(): HeapTreeReader {
    if (this.reader === undefined) throw new Error('Heap profiler is not enabled.');
    return this.reader;
  }
}

/**
 * Throws the errors of the native library, which checks the same only when it starts. An interval
 * of 0 would abort the process.
 */
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
