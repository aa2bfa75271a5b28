import type { MessagePort } from 'node:worker_threads';
import { withLabels } from 'rulescope';
import type { SampleBuffer } from '../log/Sample';
import type { Segment } from '../log/SegmentReader';
import { decodeSamples } from '../log/decodeSamples';
import { SAMPLE_BYTES } from '../log/format';
import type { SeriesIndex } from '../store/SeriesIndex';
import { Feed } from './Feed';
import { Lane } from './Lane';

/** Hands each worker the samples of its own series. */
abstract class LaneFeed extends Feed {
  protected readonly lanes: readonly Lane[];

  constructor(ports: readonly MessagePort[], index: SeriesIndex) {
    super(ports, index);
    this.lanes = ports.map((port) => new Lane(port));
  }

  protected async sendFull(): Promise<void> {
    for (const lane of this.lanes) if (lane.batch.full) await lane.send();
  }

  protected override async flush(): Promise<void> {
    for (const lane of this.lanes) await lane.send();
  }
}

/** Finding 4: decodes and partitions the samples once, before they are handed out. */
export class PartitionedFeed extends LaneFeed {
  constructor(
    ports: readonly MessagePort[],
    index: SeriesIndex,
    private readonly buffer: SampleBuffer,
  ) {
    super(ports, index);
  }

  protected override async addSamples(segment: Segment): Promise<void> {
    for (const block of decodeSamples(segment, this.buffer)) {
      for (let next = 0; next < block.length;) {
        next = withLabels({ stage: 'partition' }, () => partition(block, next, this.lanes));
        await this.sendFull();
      }
    }
  }
}

/** Finding 6: decodes into the batches, because a buffer between is written only to be copied. */
export class DirectFeed extends LaneFeed {
  protected override async addSamples({ data, samples }: Segment): Promise<void> {
    for (const { baseTime, start, count } of samples) {
      const end = start + count * SAMPLE_BYTES;
      for (let next = start; next < end;) {
        next = withLabels({ stage: 'decode' }, () =>
          decodeInto(this.lanes, data, baseTime, next, end),
        );
        await this.sendFull();
      }
    }
  }
}

/** Copies samples from `next` on until a batch is full. Returns the first one that it left. */
function partition(
  { samples, length }: SampleBuffer,
  next: number,
  lanes: readonly Lane[],
): number {
  for (let at = next; at < length; at++) {
    const { ref, time, value } = samples[at]!;
    const { batch } = lanes[ref % lanes.length]!;
    batch.add(ref, time, value);
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
    batch.add(ref, baseTime + data.getInt32(at + 4, true), data.getFloat64(at + 8, true));
    if (batch.full) return at + SAMPLE_BYTES;
  }
  return end;
}
