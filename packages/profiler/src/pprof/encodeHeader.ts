import { type ProfileInput, type StringTable, ValueType } from 'pprof-format';
import type { DecodedHeader, SampleType } from './DecodedHeader';

/** Converts `header` to the input of a `Profile`. Adds its strings to `strings`. */
export function encodeHeader(header: DecodedHeader, strings: StringTable): ProfileInput {
  const toValueType = ({ type, unit }: SampleType): ValueType =>
    new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) });
  const { periodType, period, timeNanos, durationNanos } = header;
  return {
    sampleType: header.sampleTypes.map(toValueType),
    defaultSampleType: strings.dedup(header.defaultSampleType),
    ...(periodType.type || periodType.unit ? { periodType: toValueType(periodType) } : {}),
    period,
    timeNanos,
    durationNanos,
    comment: header.comments.map((comment) => strings.dedup(comment)),
    dropFrames: strings.dedup(header.dropFrames),
    keepFrames: strings.dedup(header.keepFrames),
    docUrl: strings.dedup(header.docUrl),
    stringTable: strings,
  };
}
