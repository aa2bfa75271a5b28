import type { LabelCell, LabelSet } from '../model/LabelSet';

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
 * Returns a function that returns the cell of a value of {@link toSampleContext}. Equal labels get
 * the same cell.
 */
export function sampleContextReader(): (context: SampleContext) => LabelCell {
  const cells = new Map<string, LabelCell>();
  return (context) => {
    if (typeof context !== 'string') return context;
    let cell = cells.get(context);
    if (cell === undefined) {
      cells.set(context, (cell = { labels: JSON.parse(context) as LabelSet }));
    }
    return cell;
  };
}
