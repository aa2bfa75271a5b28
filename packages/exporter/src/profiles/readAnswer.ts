/** A length-delimited or an integer field of a message. */
type Field = Buffer | number;

/** What the server says in the body of an answer. */
export interface Remarks {
  /** Profiles that the server rejected, although it took the request. */
  readonly rejected: number;
  readonly message: string;
}

/** Reads `ExportProfilesServiceResponse`, the body of an answer with status 200. */
export function readResponse(body: Buffer): Remarks {
  const partial = readFields(body).get(1);
  const fields = Buffer.isBuffer(partial) ? readFields(partial) : new Map<number, Field>();
  const rejected = fields.get(1);
  return { rejected: typeof rejected === 'number' ? rejected : 0, message: textOf(fields.get(2)) };
}

/** Reads the message of `google.rpc.Status`, the body of an answer with an error. */
export function readStatus(body: Buffer): string {
  return textOf(readFields(body).get(2));
}

function textOf(field: Field | undefined): string {
  return Buffer.isBuffer(field) ? field.toString() : '';
}

/**
 * Reads the fields of a protobuf message, the last one of each number. Stops at bytes that are no
 * field: many servers answer with text instead.
 */
function readFields(bytes: Buffer): Map<number, Field> {
  const fields = new Map<number, Field>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 0x80) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    const isBytes = tag % 8 === 2;
    if (Number.isNaN(value) || !(isBytes || tag % 8 === 0)) break;
    if (isBytes && at + value > bytes.length) break;
    fields.set(Math.floor(tag / 8), isBytes ? bytes.subarray(at, (at += value)) : value);
  }
  return fields;
}
