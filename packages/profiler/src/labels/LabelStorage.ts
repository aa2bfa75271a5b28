import type { AsyncLocalStorage } from 'node:async_hooks';
import type { LabelCell, LabelSet } from '../model/LabelSet';

/** What one asynchronous flow carries. Made by {@link LabelStorage.createLabelContext}. */
export interface LabelContext {
  /** Labels of the samples taken in the flow. */
  readonly labels: LabelSet | undefined;
  /** Anything that shall travel with them, such as an OpenTelemetry Context. */
  readonly value: unknown;
}

/**
 * Carries labels, and one value of the user's, over asynchronous work: the same rules as `AsyncLocalStorage`, which it
 * is built on. Both travel in one storage, so that whoever moves a context of their own along with
 * the labels pays for one.
 *
 * Works whether or not sampling is on: a flow that is under way when sampling starts is labelled from the first sample.
 */
export interface LabelStorage {
  /**
   * Makes what {@link run} takes. A context can be run any number of times, in any flows. Where the same labels and value
   * come again, keep it: from the second time on it runs faster. Contexts of one kind should share one label
   * set object: going from one to another with the same object costs less than a change of labels.
   */
  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext;
  /** Calls `fn` with `context` current in it and in all asynchronous work it starts. Returns or throws as `fn` does. */
  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R;
  /** Makes `context` current for the rest of the running flow, as `AsyncLocalStorage.enterWith` does. */
  enter(context: LabelContext): void;
  /** The current context, if any. */
  currentLabelContext(): LabelContext | undefined;
}

/** A label storage as its collector sees it. */
export interface SamplerLabelStorage extends LabelStorage {
  /**
   * The storage in which a sampler finds the holder of the current labels, where the runtime
   * carries it (AsyncContextFrame). `undefined`: labels are set on every asynchronous switch.
   */
  readonly frameStorage: AsyncLocalStorage<unknown> | undefined;
  /**
   * Hands labels to a sampler from now on. Flows that are under way have their label there from
   * their next entry into one.
   */
  connect(sink: LabelSink): void;
  /** Calls `fn` without labels, and as part of what `owner` does. Returns or throws as `fn` does. */
  runOwned<R>(owner: object, fn: () => R): R;
  /** The `owner` of the running flow, whatever contexts were entered since. */
  currentOwner(): object | undefined;
  /** Sampling has started: from now on the sampler must know the current labels. */
  samplingStarted(): void;
  /** A recording was closed: cells handed to the sampler so far belong to it. */
  recordingClosed(): void;
  /** Sampling has stopped. */
  samplingStopped(): void;
}

/** See {@link LabelSink.holderCounts}. */
export interface HolderCounts {
  readonly used: number;
  readonly total: number;
}

/** The sampler's hooks for the one who tells it which labels are current. */
export interface LabelSink {
  /**
   * Makes the object that, while it is the value of the frame storage in the running flow, labels each
   * sample with `cell`. Only with {@link SamplerLabelStorage.frameStorage}.
   */
  createHolder(cell: LabelCell): object;
  /** Labels the samples from now on with `cell`. Only without it. */
  setCell(cell: LabelCell): void;
  /** Count of samples in the current recording. */
  sampleCount(): number;
  /** Count of samples in all recordings so far: never falls. */
  totalSampleCount(): number;
  /** Holders that are in use, and all that the native side has not freed yet. */
  holderCounts(): HolderCounts;
}
