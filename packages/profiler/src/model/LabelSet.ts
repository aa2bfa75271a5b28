/** Labels of a sample: key to value, as in pprof's string labels. Treat as immutable. */
export type LabelSet = Readonly<Record<string, string>>;

/**
 * What the sampler stores with a sample. A box around the label set, so that where labels are set on every
 * asynchronous switch the switch is one property write.
 */
export interface LabelCell {
  labels: LabelSet | undefined;
}
