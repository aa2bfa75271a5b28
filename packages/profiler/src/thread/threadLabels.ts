import type { SamplerLabelStorage } from '../labels/LabelStorage';
import { createLabelStorage } from '../labels/createLabelStorage';
import type { LabelSet } from '../model/LabelSet';
import { perThread, slotKey } from '../slot/threadSlot';

/**
 * Version of the labels, the sampler and the collector of a thread. They hold each other, so a copy
 * of the package shares all of them or none.
 */
export const THREAD_VERSION = 1;

const LABELS = slotKey<SamplerLabelStorage>('labels', THREAD_VERSION);

/** Returns the label storage of this thread. Loads no native code. */
export function labelStorage(): SamplerLabelStorage {
  return perThread(LABELS, createLabelStorage);
}

/**
 * Calls `fn` with `labels` added to the labels of the running flow. All samples of its work carry
 * them, asynchronous work included. Returns what `fn` returns and throws what it throws.
 */
export function runWithLabels<A extends unknown[], R>(
  labels: LabelSet,
  fn: (...args: A) => R,
  ...args: A
): R {
  const storage = labelStorage();
  const outer = storage.currentLabelContext();
  const context = storage.createLabelContext({ ...outer?.labels, ...labels }, outer?.value);
  return storage.run(context, fn, ...args);
}

/** Returns the labels of the running flow, or `undefined` if it has none. */
export function getLabels(): LabelSet | undefined {
  return labelStorage().currentLabelContext()?.labels;
}
