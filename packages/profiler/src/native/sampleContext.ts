import type { LabelCell, LabelSet } from '../model/LabelSet';
import { boundLabels } from '../model/boundLabels';

/** Value that the native side stores with a sample. */
export type SampleContext = LabelCell | string;

/**
 * Returns the value that the native side keeps for `labels`, as long as a flow carries them. It is
 * a text wherever possible: an object would keep the whole realm in memory in which it was created,
 * and the realm the labels. Test runners create a realm for each test file.
 */
export function toSampleContext(labels: LabelSet): SampleContext {
  // Keys that are symbols hold objects.
  if (Object.getOwnPropertySymbols(labels).length > 0) return { labels: { ...labels } };
  return JSON.stringify(labels);
}

/**
 * Returns a function that returns the cell of a value of {@link toSampleContext}, with
 * {@link boundLabels short} labels. Equal texts get the same cell, as do cells with one label set.
 */
export function sampleContextReader(): (context: SampleContext) => LabelCell {
  const cells = new Map<string | LabelSet | undefined, LabelCell>();
  return (context) => {
    const kept = typeof context === 'string' ? context : context.labels;
    let cell = cells.get(kept);
    if (cell === undefined) {
      const labels = typeof kept === 'string' ? (JSON.parse(kept) as LabelSet) : kept;
      cells.set(kept, (cell = { labels: labels && boundLabels(labels) }));
    }
    return cell;
  };
}
