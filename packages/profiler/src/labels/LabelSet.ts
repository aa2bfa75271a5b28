/** Labels of a sample: key to value, as in pprof's string labels. Treat as immutable. */
export type LabelSet = Readonly<Record<string, string>>;
