import { createLabelStorage } from '../labels/createLabelStorage';
import type { SamplerLabelStorage } from '../labels/LabelStorage';
import type { LabelSet } from '../model/LabelSet';
import { perThread, slotKey } from '../slot/threadSlot';

const LABELS = slotKey<SamplerLabelStorage>('labels', 1);

/** Returns the label storage of this thread. Loads no native code. */
export function labelStorage(): SamplerLabelStorage {
  return perThread(LABELS, createLabelStorage);
}

/**
 * Calls `fn` with `labels` added to those of the running flow: samples of all that it does,
 * asynchronous work included, carry them. Returns or throws as `fn` does.
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

/** The labels of the running flow. */
export function getLabels(): LabelSet | undefined {
  return labelStorage().currentLabelContext()?.labels;
}
