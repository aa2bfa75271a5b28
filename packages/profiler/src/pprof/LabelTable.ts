import type { LabelSet } from '../model/LabelSet';

/** Labels of samples, sorted by key. Equal labels are the same object. */
export interface Labels {
  readonly id: number;
  readonly entries: readonly (readonly [key: string, value: string])[];
}

const NO_LABELS: LabelSet = {};

/** Finds equal label sets. */
export class LabelTable {
  private readonly bySet = new WeakMap<LabelSet, Labels>();
  private readonly byContent = new Map<string, Labels>();

  /** @param common Labels of all samples. A sample's own label with the same key replaces one. */
  constructor(private readonly common = NO_LABELS) {}

  of(set = NO_LABELS): Labels {
    // Most samples of a rule have the same object.
    let labels = this.bySet.get(set);
    if (labels === undefined) this.bySet.set(set, (labels = this.find({ ...this.common, ...set })));
    return labels;
  }

  private find(set: LabelSet): Labels {
    const entries = Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));
    const content = JSON.stringify(entries);
    let labels = this.byContent.get(content);
    if (labels === undefined) {
      this.byContent.set(content, (labels = { id: this.byContent.size, entries }));
    }
    return labels;
  }
}
