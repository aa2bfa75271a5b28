import type { SamplerLabelStorage } from '../labels/LabelStorage';
import { createLabelStorage } from '../labels/createLabelStorage';
import type { LabelSet } from '../model/LabelSet';
import { perThread, slotKey } from '../slot/threadSlot';

/**
 * Version of the labels, the sampler and the collector of a thread. They hold each other, so a copy
 * of the package shares all of them or none.
 */
export const THREAD_VERSION = 2;

const LABELS = slotKey<SamplerLabelStorage>('labels', THREAD_VERSION);

/** Returns the label storage of this thread. Loads no native code. */
export function labelStorage(): SamplerLabelStorage {
  return perThread(LABELS, createLabelStorage);
}

/**
 * Calls `fn` with `labels` added to the labels of the running flow. All samples of its work carry
 * them, asynchronous work included. Returns what `fn` returns and throws what it throws.
 *
 * Labels whose value is no string, such as a missing header, are left out.
 */
export function runWithLabels<A extends unknown[], R>(
  labels: LabelSet,
  fn: (...args: A) => R,
  ...args: A
): R {
  const storage = labelStorage();
  const outer = storage.currentLabelContext();
  const all = withoutOthers({ ...outer?.labels, ...labels });
  return storage.run(storage.createLabelContext(all, outer?.value), fn, ...args);
}

/** Deletes labels that are not strings: one of them would make every profile fail. */
function withoutOthers(labels: Record<string, unknown>): LabelSet {
  for (const key of Object.keys(labels)) {
    if (typeof labels[key] !== 'string') delete labels[key];
  }
  return labels as LabelSet;
}

/** Returns the labels of the running flow, or `undefined` if it has none. */
export function getLabels(): LabelSet | undefined {
  return labelStorage().currentLabelContext()?.labels;
}
