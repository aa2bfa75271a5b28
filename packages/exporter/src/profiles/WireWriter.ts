/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/** Writes protobuf's wire format. */
export class WireWriter {
  private buffer = Buffer.allocUnsafe(1024);
  private length = 0;

  /** Writes an integer, unless it is zero: a field without presence is zero if it is absent. */
  integer(field: number, value: number | bigint): void {
    if (Number(value) !== 0) this.presentInteger(field, value);
  }

  /** Writes an integer, also if it is zero. A boolean is 0 or 1. */
  presentInteger(field: number, value: number | bigint): void {
    this.tag(field, VARINT);
    this.varint(value);
  }

  /** Writes an unsigned 64-bit integer of fixed length. */
  fixed64(field: number, value: bigint): void {
    this.tag(field, FIXED64);
    this.reserve(8);
    this.length = this.buffer.writeBigUInt64LE(value, this.length);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** Writes packed integers. */
  integers(field: number, values: readonly (number | bigint)[]): void {
    if (values.length === 0) return;
    this.message(field, () => values.forEach((value) => this.varint(value)));
  }

  string(field: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.prefix(field, size);
    this.length += this.buffer.write(text, this.length);
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.prefix(field, bytes.length);
    this.fields(bytes);
  }

  /** Writes an embedded message, whose fields `write` writes with this writer. */
  message(field: number, write: () => void): void {
    this.tag(field, LENGTH_DELIMITED);
    const start = this.length;
    write();
    const size = this.length - start;
    // The length comes first, and its own length is only known now.
    this.varint(size);
    const prefix = this.buffer.subarray(start + size, this.length);
    const moved = Buffer.from(prefix);
    this.buffer.copyWithin(start + moved.length, start, start + size);
    this.buffer.set(moved, start);
  }

  /** Writes fields that are already encoded. */
  fields(encoded: Uint8Array): void {
    this.reserve(encoded.length);
    this.buffer.set(encoded, this.length);
    this.length += encoded.length;
  }

  /** Returns what was written so far. The bytes change when the writer is used again. */
  result(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private prefix(field: number, size: number): void {
    this.tag(field, LENGTH_DELIMITED);
    this.varint(size);
    this.reserve(size);
  }

  private tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  private varint(value: number | bigint): void {
    this.reserve(10);
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) return this.longVarint(BigInt(value));
    // Bits beyond the 32nd do not survive bitwise operators.
    let rest = Number(value);
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** Writes a negative integer or a long one as 64 bits in two's complement. */
  private longVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.length++] = Number(rest);
  }

  private reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
