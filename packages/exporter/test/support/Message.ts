/** A decoded protobuf message, field by field. Throws where bytes are no message. */
export class Message {
  private readonly fields = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      for (let value = 0n, shift = 0n; ; shift += 7n) {
        const byte = bytes.readUInt8(at++);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const values = this.fields.get(tag >> 3) ?? [];
      this.fields.set(tag >> 3, values);
      const wireType = tag & 7;
      if (wireType === 0) values.push(varint());
      else if (wireType === 1) values.push(bytes.readBigUInt64LE((at += 8) - 8));
      else if (wireType === 2) {
        const size = Number(varint());
        if (at + size > bytes.length) throw new RangeError('the message is cut off');
        values.push(bytes.subarray(at, (at += size)));
      } else throw new RangeError(`wire type ${wireType}`);
    }
  }

  /** Returns the numbers of the fields that are there. */
  get numbers(): number[] {
    return [...this.fields.keys()].sort((a, b) => a - b);
  }

  messages(field: number): Message[] {
    return this.buffers(field).map((bytes) => new Message(bytes));
  }

  /** Returns the only message at `path`. */
  message(...path: number[]): Message {
    return path.reduce<Message>((at, field) => {
      const [only, ...others] = at.messages(field);
      if (only === undefined || others.length > 0) throw new RangeError(`field ${field}`);
      return only;
    }, this);
  }

  strings(field: number): string[] {
    return this.buffers(field).map(String);
  }

  /** Returns a field that is an integer. 0 if it is absent. */
  integer(field: number): number {
    return Number((this.fields.get(field) ?? []).at(-1) ?? 0);
  }

  /** Returns packed integers. */
  integers(field: number): number[] {
    return this.buffers(field).flatMap((bytes) => {
      const values: number[] = [];
      let value = 0;
      let scale = 1;
      for (const byte of bytes) {
        value += (byte & 0x7f) * scale;
        scale *= 0x80;
        if (byte >= 0x80) continue;
        values.push(value);
        [value, scale] = [0, 1];
      }
      return values;
    });
  }

  buffers(field: number): Buffer[] {
    return (this.fields.get(field) ?? []).filter((value) => Buffer.isBuffer(value));
  }
}
