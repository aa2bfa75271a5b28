/** Change of the program headers of an ELF file. */
export interface SegmentChange {
  /** Type of the headers to change. */
  readonly type: keyof typeof TYPES;
  readonly becomes?: keyof typeof TYPES;
  /** Bits: 1 is execute, 2 is write, 4 is read. */
  readonly flags?: number;
  readonly alignment?: bigint;
}

const TYPES = { NULL: 0, LOAD: 1, GNU_STACK: 0x6474e551 } as const;

/** Returns a copy of a 64-bit, little-endian ELF file with changed program headers. */
export function changeSegments(file: Buffer, change: SegmentChange): Buffer {
  const changed = Buffer.from(file);
  const first = Number(changed.readBigUInt64LE(0x20));
  const size = changed.readUInt16LE(0x36);
  const count = changed.readUInt16LE(0x38);
  for (let at = first; at < first + count * size; at += size) {
    if (changed.readUInt32LE(at) !== TYPES[change.type]) continue;
    if (change.becomes !== undefined) changed.writeUInt32LE(TYPES[change.becomes], at);
    if (change.flags !== undefined) changed.writeUInt32LE(change.flags, at + 4);
    if (change.alignment !== undefined) changed.writeBigUInt64LE(change.alignment, at + 48);
  }
  return changed;
}
