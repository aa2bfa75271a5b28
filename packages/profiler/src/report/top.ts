import { posix } from 'node:path';
import type { Profile, Sample } from '../pprof/Profile';
import { knownKeys, oneOf } from '../base/validate';
import { BASE_LABEL } from './diff';
import { findSampleType } from './findSampleType';
import {
  type FunctionTotal,
  FunctionTotals,
  GRANULARITIES,
  type Granularity,
} from './FunctionTotals';
import { absolute } from '../pprof/integers';
import { type LabelFilter, labelFilter } from '../pprof/labelFilter';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { ProfileReader } from '../pprof/ProfileReader';

export interface TopOptions {
  /** Name of the sample type. Default: the profile's default, else its last. */
  readonly sampleType?: string;
  /** Count only samples that have all of these labels: `{ rule: 'r1' }`, `{ rule: ['r1', 'r2'] }`. Default: all samples. */
  readonly labels?: LabelFilter;
  /** What is one function. Default: `functions`, all of one name. */
  readonly granularity?: Granularity;
}

/** What a function used. Integers in the unit of the {@link Top} it is in. */
export interface TopEntry extends FunctionTotal {
  /** `flat` in percent of the total. 0 when that is 0. */
  readonly flatPercent: number;
  /** `cum` in percent of the total. 0 when that is 0. */
  readonly cumPercent: number;
}

/** The functions of a profile, most expensive first. */
export interface Top {
  readonly sampleType: string;
  /** Of all values, such as `nanoseconds`. */
  readonly unit: string;
  /** What percentages are of: the absolute values of all samples, those left out included; in a `diff`, those of its base. */
  readonly total: bigint;
  readonly entries: readonly TopEntry[];
  /** The labels that samples had to have; `undefined` when all counted. */
  readonly labels: LabelFilter | undefined;
  /** What the profile says of itself. Empty or 0 is what it does not say. */
  readonly profile: {
    readonly file: string;
    readonly buildId: string;
    readonly comments: readonly string[];
    readonly timeNanos: number | bigint;
    readonly durationNanos: number | bigint;
  };
}

/**
 * What each function of `profile` used itself (flat) and with all that it called (cum). Pure; the figures and the order of
 * `go tool pprof -top`, exact to the last unit. A function counts once per sample, however often it is in the stack.
 *
 * With `labels`, percentages remain those of the whole profile, as with pprof's `-tagfocus`. For those of the part, take
 * the top of what {@link filterByLabels} returns.
 *
 * @throws InvalidOptionError for an unknown sample type, which lists those there are, and for other bad options.
 */
export function top(profile: Profile, options: TopOptions = {}): Top {
  knownKeys('top', options, ['sampleType', 'labels', 'granularity']);
  const { labels } = options;
  const reader = new ProfileReader(profile);
  const keep = labels === undefined ? () => true : labelFilter(reader, labels);
  return topOf(reader, reader.samples.filter(keep), options);
}

/** The top of some of the samples of a profile. */
export function topOf(
  reader: ProfileReader,
  samples: readonly Sample[],
  { sampleType, granularity = 'functions', labels }: TopOptions,
): Top {
  const { index, type, unit } = findSampleType(reader.header, sampleType);
  const totals = new FunctionTotals(
    reader,
    index,
    oneOf('granularity', granularity, GRANULARITIES),
  );
  for (const sample of samples) totals.add(sample);
  const total = totalOf(reader, index);
  const percent = (value: bigint): number =>
    total === 0n ? 0 : (Number(value) / Number(total)) * 100;
  const [program] = reader.mappings;
  const { comments, timeNanos, durationNanos } = reader.header;
  return {
    sampleType: type,
    unit,
    total,
    labels,
    entries: totals.sorted().map((entry) => {
      return { ...entry, flatPercent: percent(entry.flat), cumPercent: percent(entry.cum) };
    }),
    profile: {
      file: posix.basename(reader.text(program?.filename ?? 0)),
      buildId: reader.text(program?.buildId ?? 0),
      comments,
      timeNanos,
      durationNanos,
    },
  };
}

function totalOf(reader: ProfileReader, index: number): bigint {
  const isNegative = reader.samples.some((sample) => reader.values(sample)[index]! < 0n);
  // To pprof, samples of the same stack and labels are one, which matters where their signs differ.
  const merged = isNegative
    ? new ProfileReader(new ProfileMerger().add(reader).build(reader.header))
    : reader;
  let [all, base] = [0n, 0n];
  for (const sample of merged.samples) {
    const value = absolute(merged.values(sample)[index]!);
    all += value;
    if (merged.labelValues(sample, BASE_LABEL).includes('true')) base += value;
  }
  return base > 0n ? base : all;
}
