import type { AsyncLocalStorage } from 'node:async_hooks';
import type { LabelCell, LabelSet } from '../model/LabelSet';

/**
 * Labels and a value that an asynchronous flow carries. Created by
 * {@link LabelStorage.createLabelContext}.
 */
export interface LabelContext {
  /** Labels of the samples that are taken in the flow. */
  readonly labels: LabelSet | undefined;
  /** Any value that travels with the labels, such as an OpenTelemetry Context. */
  readonly value: unknown;
}

/**
 * Carries labels and one value of the user through asynchronous work, by the rules of
 * `AsyncLocalStorage`, on which it is built. Labels and value share one storage. A user that moves
 * a context of its own along with the labels therefore pays for one storage only.
 *
 * Works whether sampling is on or off. With a connected sampler, a flow that is running when
 * sampling starts is labeled from the first sample.
 */
export interface LabelStorage {
  /**
   * Creates a context for {@link run}. A context can be run any number of times, in any flow. Reuse
   * a context for the same labels and value: it is faster from the second run on. Contexts with
   * equal labels should share one label set object: a switch between such contexts costs less than
   * a change of labels.
   */
  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext;
  /**
   * Calls `fn` with `context` as the current context, in `fn` and in all asynchronous work that
   * `fn` starts. Returns or throws as `fn` does.
   */
  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R;
  /** Does what {@link run} does. `current` is the result of {@link currentLabelContext}. */
  runFrom<A extends unknown[], R>(
    current: LabelContext | undefined,
    context: LabelContext,
    fn: (...args: A) => R,
    ...args: A
  ): R;
  /**
   * Makes `context` current for the rest of the running flow, as `AsyncLocalStorage.enterWith`
   * does.
   */
  enter(context: LabelContext): void;
  /** Returns the current context, or `undefined` if there is none. */
  currentLabelContext(): LabelContext | undefined;
}

/** Label storage with the methods for its collector. */
export interface SamplerLabelStorage extends LabelStorage {
  /**
   * Storage whose current value holds the current labels, if the runtime carries that value to the
   * sampler (AsyncContextFrame). `undefined` on other runtimes: labels are then set on every
   * asynchronous switch.
   */
  readonly frameStorage: AsyncLocalStorage<unknown> | undefined;
  /**
   * Hands labels to `sink` from now on. A flow that is already running is labeled from the next
   * time that it enters a context.
   */
  connect(sink: LabelSink): void;
  /**
   * Calls `fn` without labels, in a flow that belongs to `owner`. Returns or throws as `fn` does.
   */
  runOwned<R>(owner: object, fn: () => R): R;
  /**
   * Returns the `owner` of the running flow, regardless of the contexts that were entered since.
   * Returns `undefined` if the flow has no owner.
   */
  currentOwner(): object | undefined;
  /**
   * Tells the storage that sampling has started. From now on the sampler must know the current
   * labels.
   */
  samplingStarted(): void;
  /**
   * Tells the storage that a recording was closed. The cells that the sampler has received so far
   * belong to that recording.
   */
  recordingClosed(): void;
  /** Tells the storage that sampling has stopped. */
  samplingStopped(): void;
}

/** Numbers of holders, see {@link LabelSink.createHolder}. */
export interface HolderCounts {
  /** Holders that are in use. */
  readonly used: number;
  /** All holders that the native side has not freed yet. */
  readonly total: number;
}

/** Part of a sampler that receives the current labels. */
export interface LabelSink {
  /**
   * Creates a holder: an object that labels each sample with `labels` while it is the value of the
   * frame storage in the running flow. The native side lives as long as the holder and must not
   * refer to `labels`, the key by which the holder is found. Used only if there is a
   * {@link SamplerLabelStorage.frameStorage}.
   *
   * @param like A holder that was created for the same label set. Makes this one cheaper.
   */
  createHolder(labels: LabelSet, like?: object): object;
  /** Labels all samples from now on with `cell`. Used only if there is no frame storage. */
  setCell(cell: LabelCell): void;
  /** Returns the number of samples in the current recording. */
  sampleCount(): number;
  /** Returns the number of samples in all recordings so far. This number never falls. */
  totalSampleCount(): number;
  /** Returns the numbers of holders. */
  holderCounts(): HolderCounts;
}
