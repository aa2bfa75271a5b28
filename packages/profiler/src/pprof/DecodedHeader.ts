import { type ProfileInput, type StringTable, ValueType } from 'pprof-format';
import type { Numeric } from './integers';

/** What the values of samples, or of the sampling period, count. */
export interface SampleType {
  /** Name, such as `cpu`. */
  readonly type: string;
  /** Such as `nanoseconds`. */
  readonly unit: string;
}

/** What a profile says of itself as a whole. Empty or 0 is what it does not say. */
export interface DecodedHeader {
  readonly sampleTypes: readonly SampleType[];
  readonly defaultSampleType: string;
  readonly periodType: SampleType;
  readonly period: Numeric;
  /** Since the epoch. */
  readonly timeNanos: Numeric;
  readonly durationNanos: Numeric;
  readonly comments: readonly string[];
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly docUrl: string;
}

/** The header in the form that a `Profile` is made of, its strings in `strings`. */
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
