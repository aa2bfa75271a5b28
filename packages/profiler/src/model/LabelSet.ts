/** Labels of a sample: key to value, like pprof's string labels. Treat a label set as immutable. */
export type LabelSet = Readonly<Record<string, string>>;

/**
 * Object that the sampler stores with a sample. It wraps the label set. Where labels must be set on
 * every asynchronous switch, a switch is then a single property write.
 */
export interface LabelCell {
  labels: LabelSet | undefined;
}

/** Labels of a sample in a window. */
export interface SampleLabels {
  /** Labels of the whole sample. */
  readonly labels: LabelSet | undefined;
  /**
   * Parts that the sample is divided into. Absent unless the work was done for several rules at
   * once: see `shareRule` of `@rulescope/instrumentation`.
   */
  readonly parts?: readonly LabelShare[];
}

/** Part of a sample. */
export interface LabelShare {
  /** Labels of the part, with those of the whole sample. */
  readonly labels: LabelSet;
  /** Share of the sample, from 0 to 1. The shares of all its parts sum to 1. */
  readonly share: number;
}
