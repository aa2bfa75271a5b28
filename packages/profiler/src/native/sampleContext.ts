import type { LabelCell, LabelSet, SampleLabels } from '../model/LabelSet';
import { boundLabels } from '../model/boundLabels';
import {
  type SharedLabel,
  partsOf,
  sharedLabelIn,
  withSharedLabel,
  withoutSharedLabel,
} from '../model/sharedLabel';

/** Value that the native side stores with a sample. */
export type SampleContext = LabelCell | string;

/**
 * Returns the value that the native side keeps for `labels`, as long as a flow carries them. It is
 * a text wherever possible: an object would keep the whole realm in memory in which it was created,
 * and the realm the labels. Test runners create a realm for each test file.
 */
export function toSampleContext(labels: LabelSet): SampleContext {
  const shared = sharedLabelIn(labels);
  // All other keys that are symbols hold objects.
  const symbols = Object.getOwnPropertySymbols(labels).length;
  if (symbols > (shared === undefined ? 0 : 1)) return { labels: { ...labels } };
  return JSON.stringify(shared === undefined ? labels : [labels, shared]);
}

/**
 * Returns a function that returns the {@link boundLabels short} labels of a sample from a value of
 * {@link toSampleContext}. Equal texts get the same object, as do cells with one label set. This is
 * the only place that divides shared labels.
 */
export function sampleContextReader(): (context: SampleContext) => SampleLabels {
  const read = new Map<string | LabelSet | undefined, SampleLabels>();
  return (context) => {
    const kept = typeof context === 'string' ? context : context.labels;
    let labels = read.get(kept);
    if (labels === undefined) {
      labels = sampleLabels(typeof kept === 'string' ? fromText(kept) : kept);
      read.set(kept, labels);
    }
    return labels;
  };
}

function fromText(text: string): LabelSet {
  const read = JSON.parse(text) as LabelSet | [LabelSet, SharedLabel];
  return Array.isArray(read) ? withSharedLabel(read[0], read[1]) : read;
}

function sampleLabels(labels: LabelSet | undefined): SampleLabels {
  const shared = sharedLabelIn(labels);
  if (labels === undefined || shared === undefined)
    return { labels: labels && boundLabels(labels) };
  const whole = boundLabels(withoutSharedLabel(labels));
  return { labels: whole, parts: partsOf(whole, shared) };
}
