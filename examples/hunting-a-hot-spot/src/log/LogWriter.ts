import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  BASE_BYTES,
  HEADER_BYTES,
  MAGIC,
  RecordType,
  SAMPLE_BYTES,
  checksumOf,
  segmentName,
} from './format';
import type { Sample } from './Sample';

/** Writes a log. */
export class LogWriter {
  private segments = 0;
  private used = 0;
  private readonly segment: Buffer;

  /**
   * @param directory Is created. Segments in it are overwritten.
   * @param segmentBytes Bytes of a segment at most. A record must fit.
   */
  constructor(
    private readonly directory: string,
    segmentBytes: number,
  ) {
    mkdirSync(directory, { recursive: true });
    this.segment = Buffer.alloc(segmentBytes);
    this.begin();
  }

  /** Writes the name of the series that samples refer to as `ref`. */
  addSeries(ref: number, name: string): void {
    const length = 4 + Buffer.byteLength(name);
    const payload = this.record(RecordType.series, length);
    this.segment.writeUInt32LE(ref, payload);
    this.segment.write(name, payload + 4);
    this.end(payload, length);
  }

  /** Writes samples. Their times are milliseconds, at most 24 days after `baseTime`. */
  addSamples(baseTime: number, samples: readonly Sample[]): void {
    const length = BASE_BYTES + samples.length * SAMPLE_BYTES;
    const payload = this.record(RecordType.samples, length);
    this.segment.writeDoubleLE(baseTime, payload);
    let at = payload + BASE_BYTES;
    for (const { ref, time, value } of samples) {
      this.segment.writeUInt32LE(ref, at);
      this.segment.writeInt32LE(time - baseTime, at + 4);
      this.segment.writeDoubleLE(value, at + 8);
      at += SAMPLE_BYTES;
    }
    this.end(payload, length);
  }

  /** Writes the last segment. */
  close(): void {
    const file = openSync(join(this.directory, segmentName(this.segments)), 'w');
    for (let at = 0; at < this.used;) at += writeSync(file, this.segment, at, this.used - at);
    closeSync(file);
    this.segments++;
  }

  private begin(): void {
    this.used = MAGIC.copy(this.segment);
  }

  /** Begins a record, in the next segment if this one is full. Returns where its payload begins. */
  private record(type: number, length: number): number {
    if (this.used + HEADER_BYTES + length > this.segment.length) {
      this.close();
      this.begin();
    }
    this.segment.writeUInt32LE(length, this.used);
    this.segment.writeUInt8(type, this.used + HEADER_BYTES - 1);
    return this.used + HEADER_BYTES;
  }

  private end(payload: number, length: number): void {
    this.segment.writeUInt32LE(checksumOf(this.segment, this.used, length), this.used + 4);
    this.used = payload + length;
  }
}
