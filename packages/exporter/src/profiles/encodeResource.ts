import { WireWriter } from './WireWriter';
import type { ResourceAttributes, ResourceValue } from './environment';

/** Encodes attributes as the fields of OTLP's `Resource`. */
export function encodeResource(attributes: ResourceAttributes): Uint8Array {
  const encoded = new WireWriter();
  for (const [key, value] of Object.entries(attributes)) {
    encoded.message(1, () => {
      encoded.string(1, key);
      encoded.message(2, () => writeValue(encoded, value));
    });
  }
  return encoded.result();
}

/** Writes the one field of `AnyValue` that is set, also if it has its default value. */
function writeValue(encoded: WireWriter, value: ResourceValue): void {
  if (typeof value === 'string') encoded.string(1, value);
  else if (typeof value === 'boolean') encoded.presentInteger(2, Number(value));
  else if (typeof value !== 'number') {
    encoded.message(5, () =>
      value.forEach((item) => encoded.message(1, () => writeValue(encoded, item))),
    );
  } else if (Number.isSafeInteger(value)) encoded.presentInteger(3, value);
  else encoded.double(4, value);
}
