import type { LabelCell } from '../../src/model/LabelSet';
import type { HolderCounts, LabelSink } from '../../src/labels/LabelStorage';

/** A sampler of which only the label side is there; {@link sample} takes a sample by hand. */
export class FakeSink implements LabelSink {
  readonly samples: LabelCell[] = [];
  cell: LabelCell | undefined;
  cellsHandedOver = 0;
  holdersMade = 0;

  createHolder(cell: LabelCell): object {
    this.holdersMade++;
    return { cell };
  }

  setCell(cell: LabelCell): void {
    this.cell = cell;
    this.cellsHandedOver++;
  }

  sampleCount(): number {
    return this.samples.length;
  }

  totalSampleCount(): number {
    return this.samples.length;
  }

  holderCounts(): HolderCounts {
    return { used: this.holdersMade, total: this.holdersMade };
  }

  /** Keeps the current cell, as a sample does: by reference. */
  sample(): void {
    if (this.cell !== undefined) this.samples.push(this.cell);
  }

  /** Value of the label `rule` in each sample so far. */
  get rules(): (string | undefined)[] {
    return this.samples.map(({ labels }) => labels?.['rule']);
  }
}
