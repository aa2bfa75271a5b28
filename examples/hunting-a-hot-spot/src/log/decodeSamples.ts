import type { SampleBuffer } from './Sample';
import { SAMPLE_BYTES } from './format';
import type { Segment } from './SegmentReader';

/** Decodes all samples of a segment to the end of `buffer`. */
export function decodeSamples({ data, samples }: Segment, buffer: SampleBuffer): void {
  for (const { baseTime, start, count } of samples) {
    const end = start + count * SAMPLE_BYTES;
    for (let at = start; at < end; at += SAMPLE_BYTES) {
      const sample = buffer.next();
      sample.ref = data.getUint32(at, true);
      sample.time = baseTime + data.getInt32(at + 4, true);
      sample.value = data.getFloat64(at + 8, true);
    }
  }
}
