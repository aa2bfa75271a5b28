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
