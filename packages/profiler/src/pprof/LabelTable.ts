import type { LabelSet, LabelShare } from '../model/LabelSet';

/** Labels of samples, sorted by key. Equal labels are the same object. */
export interface Labels {
  readonly id: number;
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** Parts of the samples, if these are of shared work. */
  readonly parts: readonly LabelShare[] | undefined;
}

const NO_LABELS: LabelSet = {};

/** Finds equal label sets. */
export class LabelTable {
  private readonly bySet = new WeakMap<object, Labels>();
  private readonly byContent = new Map<string, Labels>();

  /** @param common Labels of all samples. A sample's own label with the same key replaces one. */
  constructor(private readonly common = NO_LABELS) {}

  of(set = NO_LABELS, parts?: readonly LabelShare[]): Labels {
    // Most samples of a rule have the same object.
    const known = parts ?? set;
    let labels = this.bySet.get(known);
    if (labels === undefined) {
      this.bySet.set(known, (labels = this.find({ ...this.common, ...set }, parts)));
    }
    return labels;
  }

  private find(set: LabelSet, parts: readonly LabelShare[] | undefined): Labels {
    const entries = Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));
    const content = JSON.stringify([entries, parts]);
    let labels = this.byContent.get(content);
    if (labels === undefined) {
      this.byContent.set(content, (labels = { id: this.byContent.size, entries, parts }));
    }
    return labels;
  }
}
