import { withLabels } from 'rulescope';
import type { SampleBuffer } from './Sample';
import type { SamplesRecord, Segment } from './SegmentReader';
import { SAMPLE_BYTES } from './format';

/** Samples that are decoded in one go, at least. */
const BLOCK_SAMPLES = 32_768;

/** Where the samples of a segment are. */
export type EncodedSamples = Pick<Segment, 'data' | 'samples'>;

/** Decodes the samples of a segment, block by block. `buffer` has a block until the next one. */
export function* decodeSamples(
  { data, samples }: EncodedSamples,
  buffer: SampleBuffer,
): Generator<SampleBuffer, void> {
  for (let record = 0; record < samples.length;) {
    withLabels({ stage: 'decode' }, () => {
      buffer.clear();
      while (record < samples.length && buffer.length < BLOCK_SAMPLES) {
        decodeRecord(data, samples[record++]!, buffer);
      }
    });
    yield buffer;
  }
}

function decodeRecord(
  data: DataView,
  { baseTime, start, count }: SamplesRecord,
  buffer: SampleBuffer,
): void {
  const end = start + count * SAMPLE_BYTES;
  for (let at = start; at < end; at += SAMPLE_BYTES) {
    const sample = buffer.next();
    sample.ref = data.getUint32(at, true);
    sample.time = baseTime + data.getInt32(at + 4, true);
    sample.value = data.getFloat64(at + 8, true);
  }
}
