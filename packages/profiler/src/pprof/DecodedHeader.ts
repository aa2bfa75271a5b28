import { InvalidOptionError } from '../base/errors';
import type { Profile, ValueType } from './Profile';
import type { Numeric } from './integers';

/** What the values of samples, or the sampling period, measure. */
export interface SampleType {
  /** Name, such as `cpu`. */
  readonly type: string;
  /** Unit, such as `nanoseconds`. */
  readonly unit: string;
}

/**
 * The fields that describe a profile as a whole. A field that the profile leaves out is '' or 0.
 */
export interface DecodedHeader {
  readonly sampleTypes: readonly SampleType[];
  readonly defaultSampleType: string;
  readonly periodType: SampleType;
  /** Sampling period, in the unit of `periodType`. */
  readonly period: Numeric;
  /** Start, in nanoseconds since the Unix epoch. */
  readonly timeNanos: Numeric;
  readonly durationNanos: Numeric;
  readonly comments: readonly string[];
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly docUrl: string;
}

/** Reads the header of `profile`. @param text Returns the string with a number. */
export function decodeHeader(profile: Profile, text: (index: Numeric) => string): DecodedHeader {
  const toSampleType = ({ type, unit }: ValueType): SampleType => ({
    type: text(type),
    unit: text(unit),
  });
  const { periodType, period, timeNanos, durationNanos } = profile;
  return {
    sampleTypes: profile.sampleType.map(toSampleType),
    defaultSampleType: text(profile.defaultSampleType),
    periodType: periodType === undefined ? { type: '', unit: '' } : toSampleType(periodType),
    period,
    timeNanos,
    durationNanos,
    comments: profile.comment.map(text),
    dropFrames: text(profile.dropFrames),
    keepFrames: text(profile.keepFrames),
    docUrl: text(profile.docUrl),
  };
}

/**
 * Finds the sample type called `name`, and its index among the values of a sample. Without a name:
 * the profile's default, else its last.
 *
 * @throws InvalidOptionError when the profile has no such sample type. The message lists all it
 * has.
 */
export function findSampleType(
  { sampleTypes, defaultSampleType }: DecodedHeader,
  name?: string,
): SampleType & { readonly index: number } {
  const names = sampleTypes.map(({ type }) => type);
  const byDefault = names.includes(defaultSampleType)
    ? names.indexOf(defaultSampleType)
    : names.length - 1;
  const index = name === undefined ? byDefault : names.indexOf(name);
  const found = sampleTypes[index];
  if (found === undefined) {
    const allowed = names.map((type) => JSON.stringify(type)).join(', ');
    throw new InvalidOptionError(
      'sampleType',
      name,
      `one of ${allowed || 'the sample types of the profile (it has none)'}`,
    );
  }
  return { ...found, index };
}
