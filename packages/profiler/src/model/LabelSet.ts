/** Labels of a sample: key to value, like pprof's string labels. Treat a label set as immutable. */
export type LabelSet = Readonly<Record<string, string>>;

/**
 * Object that the sampler stores with a sample. It wraps the label set. Where labels must be set on
 * every asynchronous switch, a switch is then a single property write.
 */
export interface LabelCell {
  labels: LabelSet | undefined;
}
