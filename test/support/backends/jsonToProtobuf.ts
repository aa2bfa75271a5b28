import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { Root } from 'protobufjs';
import { METRICS_REQUEST, METRICS_SERVICE, SCHEMA } from './decodeOtlp';

/**
 * Encodes an export in JSON as protobuf, by OpenTelemetry's own schema, because `protoc` reads no
 * JSON. Fails if the schema does not know a field, or if a value is not what the schema says.
 */
export function jsonToProtobuf(body: Buffer): Uint8Array {
  const root = new Root();
  root.resolvePath = (_, target) => join(SCHEMA, target);
  const type = root.loadSync(METRICS_SERVICE).lookupType(METRICS_REQUEST);
  const json = JSON.parse(body.toString()) as Record<string, unknown>;
  const message = type.fromObject(json);
  // What the schema does not know would be missing here.
  assert.deepEqual(normalize(type.toObject(message, { longs: String })), normalize(json));
  return type.encode(message).finish();
}

/** In JSON a 64-bit integer may be a number or a string, and an empty list may be absent. */
function normalize(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) => {
    if (Array.isArray(each) && each.length === 0) return undefined;
    return typeof each === 'number' ? String(each) : each;
  });
}
