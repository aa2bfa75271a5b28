import * as format from 'pprof-format';
import { Pace, type Steps } from '../base/steps';
import type { Profile } from './Profile';

/**
 * Encodes `profile` in steps. The pieces, one after the other, are the bytes of `profile.encode()`.
 */
export function* encodeInSteps(profile: Profile): Steps<Uint8Array[]> {
  const { sampleType, sample, mapping, location, function: functions, ...header } = profile;
  const pieces = [encode({ sampleType })];
  // Encoded profiles can be concatenated, because protobuf appends repeated fields.
  for (const chunk of chunksOf(sample, (each) => each.locationId.length + each.label.length)) {
    pieces.push(encode({ sample: chunk }));
    yield;
  }
  pieces.push(encode({ mapping }));
  for (const chunk of chunksOf(location)) {
    pieces.push(encode({ location: chunk }));
    yield;
  }
  for (const chunk of chunksOf(functions)) {
    pieces.push(encode({ function: chunk }));
    yield;
  }
  pieces.push(encode(header));
  return pieces;
}

function encode(fields: Omit<Partial<Profile>, 'encode' | 'encodeAsync'>): Uint8Array {
  const stringTable = new format.StringTable(format.emptyTableToken);
  return new format.Profile({ stringTable, ...fields } as format.ProfileInput).encode();
}

/** Divides `items` into chunks of the work of one step. */
function* chunksOf<T>(items: readonly T[], unitsOf = (_item: T) => 0): Generator<T[]> {
  const pace = new Pace();
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (!pace.worked(1 + unitsOf(item))) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}
