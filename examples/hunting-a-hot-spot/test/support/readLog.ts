import { SampleBuffer } from '../../src/log/Sample';
import { decodeSamples } from '../../src/log/decodeSamples';
import { SegmentReader, type SeriesRecord, listSegments } from '../../src/log/SegmentReader';

/** A sample in a form that tests compare. */
export type Row = readonly [ref: number, time: number, value: number];

/** Returns all series and samples of an undamaged log, in order. */
export function readLog(directory: string): { series: SeriesRecord[]; rows: Row[] } {
  const series: SeriesRecord[] = [];
  const rows: Row[] = [];
  const reader = new SegmentReader();
  for (const file of listSegments(directory)) {
    const segment = reader.read(file);
    if (segment.damage !== undefined) throw segment.damage;
    series.push(...segment.series);
    for (const block of decodeSamples(segment, new SampleBuffer())) {
      for (const { ref, time, value } of block.samples) rows.push([ref, time, value]);
    }
  }
  return { series, rows };
}
