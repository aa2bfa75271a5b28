import type { MessagePort } from 'node:worker_threads';
import { postWithRule, withLabels } from 'rulescope';
import type { Segment, SeriesRecord } from '../log/SegmentReader';
import type { SeriesIndex } from '../store/SeriesIndex';
import type { Answer, PlacedSeries, WorkerMessage } from './messages';

/** Hands the log to the workers. Worker N of 8 owns the series N, N + 8, and so on. */
export abstract class Feed {
  private readonly placed: number[];
  /** By worker: what its next answers resolve, in the order of the messages. */
  private readonly waiting: (() => void)[][];

  constructor(
    private readonly ports: readonly MessagePort[],
    private readonly index: SeriesIndex,
  ) {
    this.placed = ports.map(() => 0);
    this.waiting = ports.map(() => []);
    ports.forEach((port, i) => {
      port.on('message', ({ batch }: Answer) => {
        if (batch === undefined) this.waiting[i]!.shift()!();
      });
    });
  }

  /** Resolves when the next segment can be added. */
  async add(segment: Segment): Promise<void> {
    withLabels({ stage: 'decode' }, () => this.addSeries(segment.series));
    await this.addSamples(segment);
  }

  /** Resolves when the workers have added all samples. */
  async end(): Promise<void> {
    await this.flush();
    await this.postToAll({ type: 'end' });
  }

  protected abstract addSamples(segment: Segment): Promise<void>;

  /** Sends what is left. */
  protected async flush(): Promise<void> {}

  /** Resolves when all workers have answered this message. */
  protected async postToAll(message: WorkerMessage): Promise<void> {
    const answers = this.waiting.map(
      (queue) => new Promise<void>((resolve) => queue.push(resolve)),
    );
    for (const port of this.ports) postWithRule(port, message);
    await Promise.all(answers);
  }

  private addSeries(records: readonly SeriesRecord[]): void {
    const placed: PlacedSeries[][] = this.ports.map(() => []);
    for (const { ref, name } of records) {
      if (this.index.find(ref) !== -1) continue;
      const owner = ref % this.ports.length;
      const place = this.placed[owner]!++;
      this.index.add(ref, place);
      placed[owner]!.push({ ref, name, place });
    }
    this.ports.forEach((port, owner) => {
      const series = placed[owner]!;
      if (series.length > 0) postWithRule(port, { type: 'series', series } satisfies WorkerMessage);
    });
  }
}
