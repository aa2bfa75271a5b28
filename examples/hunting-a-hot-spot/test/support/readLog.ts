import { SampleBuffer } from '../../src/log/Sample';
import { decodeSamples } from '../../src/log/decodeSamples';
import { type SeriesRecord, listSegments, readSegment } from '../../src/log/readSegment';

/** A sample in a form that tests compare. */
export type Row = readonly [ref: number, time: number, value: number];

/** Returns all series and samples of an undamaged log, in order. */
export function readLog(directory: string): { series: SeriesRecord[]; rows: Row[] } {
  const series: SeriesRecord[] = [];
  const rows: Row[] = [];
  for (const file of listSegments(directory)) {
    const segment = readSegment(file);
    if (segment.damage !== undefined) throw segment.damage;
    series.push(...segment.series);
    const buffer = new SampleBuffer();
    decodeSamples(segment, buffer);
    for (const { ref, time, value } of buffer.samples) rows.push([ref, time, value]);
  }
  return { series, rows };
}
