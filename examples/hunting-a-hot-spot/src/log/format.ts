/** The format of the log. FORMAT.md describes it. All numbers are little-endian. */
import { crc32 } from 'node:zlib';

/** The first bytes of each segment. The last character is the version of the format. */
export const MAGIC = Buffer.from('HUNTLOG1', 'latin1');

/** Length of the payload, checksum, type. */
export const HEADER_BYTES = 9;

export const RecordType = { series: 1, samples: 2 } as const;

/** Time of the record that the times of its samples are relative to. */
export const BASE_BYTES = 8;
/** Reference, time, value. */
export const SAMPLE_BYTES = 16;

const SEGMENT_NAME = /^\d{8}\.segment$/;

/** Returns the name of the file of a segment. Names sort as the segments follow each other. */
export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.segment`;
}

export function isSegmentName(name: string): boolean {
  return SEGMENT_NAME.test(name);
}

/** Returns the checksum of a record that begins at `start`: of its type and its payload. */
export function checksumOf(bytes: Buffer, start: number, length: number): number {
  return crc32(bytes.subarray(start + HEADER_BYTES - 1, start + HEADER_BYTES + length));
}
