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

  /** Fills the batches and sends those that are full. `filling` yields when one is. */
  protected async handOut(stage: string, filling: Generator<void>): Promise<void> {
    while (!withLabels({ stage }, () => filling.next()).done) {
      for (const lane of this.lanes) if (lane.batch.full) await lane.send();
    }
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
      await this.handOut('partition', partition(block, this.lanes));
    }
  }
}

/** Finding 6: decodes into the batches, because a buffer between is written only to be copied. */
export class DirectFeed extends LaneFeed {
  protected override async addSamples(segment: Segment): Promise<void> {
    await this.handOut('decode', decodeInto(segment, this.lanes));
  }
}

/** Copies samples to the batches of their owners. Yields when a batch is full. */
function* partition({ samples, length }: SampleBuffer, lanes: readonly Lane[]): Generator<void> {
  for (let i = 0; i < length; i++) {
    const { ref, time, value } = samples[i]!;
    const { batch } = lanes[ref % lanes.length]!;
    batch.add(ref, time, value);
    if (batch.full) yield;
  }
}

/** Decodes samples into the batches of their owners. Yields when a batch is full. */
function* decodeInto({ data, samples }: Segment, lanes: readonly Lane[]): Generator<void> {
  for (const { baseTime, start, count } of samples) {
    const end = start + count * SAMPLE_BYTES;
    for (let at = start; at < end; at += SAMPLE_BYTES) {
      const ref = data.getUint32(at, true);
      const { batch } = lanes[ref % lanes.length]!;
      batch.add(ref, baseTime + data.getInt32(at + 4, true), data.getFloat64(at + 8, true));
      if (batch.full) yield;
    }
  }
}
