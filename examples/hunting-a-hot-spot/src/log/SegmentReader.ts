import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  BASE_BYTES,
  HEADER_BYTES,
  MAGIC,
  RecordType,
  SAMPLE_BYTES,
  checksumOf,
  isSegmentName,
} from './format';

/** The name of a series. */
export interface SeriesRecord {
  readonly ref: number;
  readonly name: string;
}

/** Where the samples of a record are in the bytes of its segment. */
export interface SamplesRecord {
  readonly baseTime: number;
  /** Offset of the first sample. */
  readonly start: number;
  readonly count: number;
}

export interface Segment {
  readonly data: DataView;
  readonly series: readonly SeriesRecord[];
  readonly samples: readonly SamplesRecord[];
  /** What ended the segment before its end. The records are those before it. */
  readonly damage: DamagedLogError | undefined;
}

/** Says that a log cannot be read further. */
export class DamagedLogError extends Error {
  override readonly name = 'DamagedLogError';

  /** @param offset Where the damaged record begins, bytes. */
  constructor(
    readonly file: string,
    readonly offset: number,
    reason: string,
  ) {
    super(`${file} is damaged at byte ${offset}: ${reason}`);
  }
}

/** Returns the paths of all segments of a log, in order. */
export function listSegments(directory: string): string[] {
  const names = readdirSync(directory).filter(isSegmentName).sort();
  if (names.length === 0) throw new Error(`${directory} has no segments`);
  return names.map((name) => join(directory, name));
}

/** Segments whose memory a reader keeps. */
const KEPT = 2;

/** Reads segments into memory that threads share. A segment is valid until the second one after it. */
export class SegmentReader {
  private readonly memories: SharedArrayBuffer[] = [];

  /** Reads a segment and checks all its records. */
  read(file: string): Segment {
    const bytes = this.readFile(file);
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const series: SeriesRecord[] = [];
    const samples: SamplesRecord[] = [];
    const segment = { data, series, samples };
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
      return { ...segment, damage: new DamagedLogError(file, 0, 'not a segment of this format') };
    }
    for (let at = MAGIC.length; at < bytes.length;) {
      const reason = readRecord(bytes, at, series, samples);
      if (reason !== undefined) {
        return { ...segment, damage: new DamagedLogError(file, at, reason) };
      }
      at += HEADER_BYTES + bytes.readUInt32LE(at);
    }
    return { ...segment, damage: undefined };
  }

  private readFile(file: string): Buffer {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.from(this.nextMemory(size), 0, size);
      let length = 0;
      while (length < size) {
        const read = readSync(descriptor, bytes, length, size - length, length);
        if (read === 0) break;
        length += read;
      }
      return bytes.subarray(0, length);
    } finally {
      closeSync(descriptor);
    }
  }

  private nextMemory(size: number): SharedArrayBuffer {
    const oldest = this.memories.length === KEPT ? this.memories.shift() : undefined;
    const memory =
      oldest !== undefined && oldest.byteLength >= size ? oldest : new SharedArrayBuffer(size);
    this.memories.push(memory);
    return memory;
  }
}

/** Adds the record at `at` to `series` or `samples`. Returns what is wrong with it, if anything. */
function readRecord(
  bytes: Buffer,
  at: number,
  series: SeriesRecord[],
  samples: SamplesRecord[],
): string | undefined {
  if (at + HEADER_BYTES > bytes.length) return 'the file ends within the header of a record';
  const length = bytes.readUInt32LE(at);
  const payload = at + HEADER_BYTES;
  if (payload + length > bytes.length) return `the file ends within a record of ${length} bytes`;
  if (bytes.readUInt32LE(at + 4) !== checksumOf(bytes, at, length)) return 'wrong checksum';
  const type = bytes.readUInt8(payload - 1);
  if (type === RecordType.series) {
    if (length < 4) return `a series needs 4 bytes or more; got ${length}`;
    const name = bytes.toString('utf8', payload + 4, payload + length);
    const ref = bytes.readUInt32LE(payload);
    if (ref === 0) return 'a series cannot have the reference 0';
    series.push({ ref, name });
    return undefined;
  }
  if (type === RecordType.samples) {
    const count = (length - BASE_BYTES) / SAMPLE_BYTES;
    if (!Number.isInteger(count) || count < 0) return `samples cannot have ${length} bytes`;
    const baseTime = bytes.readDoubleLE(payload);
    if (!Number.isSafeInteger(baseTime)) return `the time must be an integer; got ${baseTime}`;
    samples.push({ baseTime, start: payload + BASE_BYTES, count });
    return undefined;
  }
  return `unknown type of record: ${type}`;
}
