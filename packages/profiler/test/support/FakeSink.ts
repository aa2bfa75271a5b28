import type { HolderCounts, LabelSink } from '../../src/labels/LabelStorage';
import type { LabelCell, LabelSet } from '../../src/model/LabelSet';

/** Label side of a sampler. Takes a sample only on {@link sample}. */
export class FakeSink implements LabelSink {
  readonly samples: LabelCell[] = [];
  cell: LabelCell | undefined;
  cellsReceived = 0;
  holdersMade = 0;

  createHolder(labels: LabelSet): object {
    this.holdersMade++;
    return { cell: { labels } };
  }

  setCell(cell: LabelCell): void {
    this.cell = cell;
    this.cellsReceived++;
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

  /** Takes a sample. Keeps the current cell by reference, as the real sampler does. */
  sample(): void {
    if (this.cell !== undefined) this.samples.push(this.cell);
  }

  /** Returns the value of the label `rule` in each sample so far. */
  get rules(): (string | undefined)[] {
    return this.samples.map(({ labels }) => labels?.['rule']);
  }
}
