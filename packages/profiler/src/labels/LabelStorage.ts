import type { LabelSet } from './LabelSet';

/** What one asynchronous flow carries. Made by {@link LabelStorage.createCarrier}. */
export interface Carrier {
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
   * Makes what {@link run} takes. A carrier can be run any number of times, in any flows. Where the same labels and value
   * come again, keep it: from the second time on it runs faster. Carriers of one kind should share one label
   * set object: going from one to another with the same object costs less than a change of labels.
   */
  createCarrier(labels: LabelSet | undefined, value?: unknown): Carrier;
  /** Calls `fn` with `carrier` current in it and in all asynchronous work it starts. Returns or throws as `fn` does. */
  run<A extends unknown[], R>(carrier: Carrier, fn: (...args: A) => R, ...args: A): R;
  /** Makes `carrier` current for the rest of the running flow, as `AsyncLocalStorage.enterWith` does. */
  enter(carrier: Carrier): void;
  /** The current carrier, if any. */
  getCarrier(): Carrier | undefined;
}
