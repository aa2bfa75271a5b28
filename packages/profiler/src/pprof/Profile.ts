import type { Numeric } from './integers';

/** Kind and unit of a value, by their indices in the table of strings. */
export interface ValueType {
  type: Numeric;
  unit: Numeric;
}

/** A key with a string or a number, by their indices in the table of strings. */
export interface Label {
  key: Numeric;
  str: Numeric;
  num: Numeric;
  numUnit: Numeric;
}

/** The values of one stack. The first location is the innermost. */
export interface Sample {
  locationId: Numeric[];
  value: Numeric[];
  label: Label[];
}

/** A file that code comes from. */
export interface Mapping {
  id: Numeric;
  memoryStart: Numeric;
  memoryLimit: Numeric;
  fileOffset: Numeric;
  filename: Numeric;
  buildId: Numeric;
  hasFunctions: boolean;
  hasFilenames: boolean;
  hasLineNumbers: boolean;
  hasInlineFrames: boolean;
}

/** A line of a function. */
export interface Line {
  functionId: Numeric;
  line: Numeric;
  column: Numeric;
}

/** A place in the program. Of several lines the first is the innermost. */
export interface Location {
  id: Numeric;
  mappingId: Numeric;
  address: Numeric;
  line: Line[];
  isFolded: boolean;
}

/** A function, by the indices of its names in the table of strings. */
export interface ProfileFunction {
  id: Numeric;
  name: Numeric;
  systemName: Numeric;
  filename: Numeric;
  startLine: Numeric;
}

/**
 * A profile as `profile.proto` of pprof defines it. `Profile` of `pprof-format` is one. Its own
 * declarations need TypeScript 5.7. Only the drop-in names them, because its profiles must fit the
 * functions of `@datadog/pprof`. It imports them as `#pprof-format`, which package.json maps to this
 * interface for an older TypeScript.
 */
export interface Profile {
  sampleType: ValueType[];
  sample: Sample[];
  mapping: Mapping[];
  location: Location[];
  function: ProfileFunction[];
  stringTable: { strings: string[]; dedup(text: string): number };
  dropFrames: Numeric;
  keepFrames: Numeric;
  timeNanos: Numeric;
  durationNanos: Numeric;
  periodType?: ValueType;
  period: Numeric;
  comment: Numeric[];
  defaultSampleType: Numeric;
  docUrl: Numeric;
  /** Returns the bytes of the profile, not compressed. */
  encode(): Uint8Array;
  encodeAsync(): Promise<Uint8Array>;
}
