import { postWithRule, withLabels } from 'rulescope';
import { ReusedSampleBuffer, SampleBuffer } from '../log/Sample';
import { decodeSamples } from '../log/decodeSamples';
import { SAMPLE_BYTES } from '../log/format';
import type { Segment, SeriesRecord } from '../log/SegmentReader';
import type { SeriesIndex } from '../store/SeriesIndex';
import type { Variant } from '../variants';
import { Lane } from './Lane';
import type { PlacedSeries, WorkerPort } from './messages';

/** Decodes segments and hands their samples to the workers. Worker N owns series N, N + 8, ... */
export abstract class Feed {
  private readonly placed: number[];

  constructor(
    private readonly ports: readonly WorkerPort[],
    private readonly index: SeriesIndex,
    protected readonly lanes: readonly Lane[],
  ) {
    this.placed = ports.map(() => 0);
  }

  /** Resolves when all samples are handed out. */
  async add(segment: Segment): Promise<void> {
    withLabels({ stage: 'decode' }, () => this.addSeries(segment.series));
    await this.addSamples(segment);
  }

  /** Resolves when the workers have added all samples. */
  async end(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.end()));
  }

  protected abstract addSamples(segment: Segment): Promise<void>;

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
      if (series.length > 0) postWithRule(port, { type: 'series', series });
    });
  }
}

/** Hands all samples to all workers. Each takes those of its own series. */
class BroadcastFeed extends Feed {
  constructor(
    ports: readonly WorkerPort[],
    index: SeriesIndex,
    private readonly buffer: SampleBuffer,
  ) {
    super(ports, index, [new Lane(ports)]);
  }

  protected override async addSamples(segment: Segment): Promise<void> {
    const lane = this.lanes[0]!;
    const { buffer } = this;
    withLabels({ stage: 'decode' }, () => {
      buffer.clear();
      decodeSamples(segment, buffer);
    });
    for (let next = 0; next < buffer.length;) {
      next = withLabels({ stage: 'partition' }, () => copy(buffer, next, lane));
      if (lane.batch.full) await lane.send();
    }
  }
}

/** Finding 4: hands each worker the samples of its own series. */
class PartitionedFeed extends Feed {
  constructor(
    ports: readonly WorkerPort[],
    index: SeriesIndex,
    private readonly buffer: SampleBuffer,
  ) {
    super(ports, index, lanePerPort(ports));
  }

  protected override async addSamples(segment: Segment): Promise<void> {
    const { buffer, lanes } = this;
    withLabels({ stage: 'decode' }, () => {
      buffer.clear();
      decodeSamples(segment, buffer);
    });
    for (let next = 0; next < buffer.length;) {
      next = withLabels({ stage: 'partition' }, () => partition(buffer, next, lanes));
      await sendFull(lanes);
    }
  }
}

/** Finding 6: decodes into the batches, because a buffer between is written only to be copied. */
class DirectFeed extends Feed {
  constructor(ports: readonly WorkerPort[], index: SeriesIndex) {
    super(ports, index, lanePerPort(ports));
  }

  protected override async addSamples({ data, samples }: Segment): Promise<void> {
    for (const { baseTime, start, count } of samples) {
      const end = start + count * SAMPLE_BYTES;
      for (let next = start; next < end;) {
        next = withLabels({ stage: 'decode' }, () =>
          decodeInto(this.lanes, data, baseTime, next, end),
        );
        await sendFull(this.lanes);
      }
    }
  }
}

/** Returns the feed of a variant. */
export function createFeed(
  variant: Variant,
  ports: readonly WorkerPort[],
  index: SeriesIndex,
): Feed {
  if (variant.decodesIntoBatches) return new DirectFeed(ports, index);
  const buffer = variant.reusesSamples ? new ReusedSampleBuffer() : new SampleBuffer();
  const Buffered = variant.partitions ? PartitionedFeed : BroadcastFeed;
  return new Buffered(ports, index, buffer);
}

function lanePerPort(ports: readonly WorkerPort[]): Lane[] {
  return ports.map((port) => new Lane([port]));
}

/** Copies samples from `next` on until the batch is full. Returns the first one that it left. */
function copy({ samples, length }: SampleBuffer, next: number, { batch }: Lane): number {
  let at = next;
  while (at < length && !batch.full) batch.add(samples[at++]!);
  return at;
}

/** Copies samples from `next` on until a batch is full. Returns the first one that it left. */
function partition(
  { samples, length }: SampleBuffer,
  next: number,
  lanes: readonly Lane[],
): number {
  for (let at = next; at < length; at++) {
    const sample = samples[at]!;
    const { batch } = lanes[sample.ref % lanes.length]!;
    batch.add(sample);
    if (batch.full) return at + 1;
  }
  return length;
}

/** Decodes the samples from `next` on until a batch is full. Returns where it stopped. */
function decodeInto(
  lanes: readonly Lane[],
  data: DataView,
  baseTime: number,
  next: number,
  end: number,
): number {
  for (let at = next; at < end; at += SAMPLE_BYTES) {
    const ref = data.getUint32(at, true);
    const { batch } = lanes[ref % lanes.length]!;
    batch.put(ref, baseTime + data.getInt32(at + 4, true), data.getFloat64(at + 8, true));
    if (batch.full) return at + SAMPLE_BYTES;
  }
  return end;
}

async function sendFull(lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) if (lane.batch.full) await lane.send();
}
