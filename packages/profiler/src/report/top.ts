import { posix } from 'node:path';
import type { Profile, Sample } from '../pprof/Profile';
import { knownKeys, oneOf } from '../base/validate';
import { findSampleType } from '../pprof/DecodedHeader';
import { type LabelFilter, matchLabels } from '../pprof/filterByLabels';
import { absolute } from '../pprof/integers';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { ProfileReader } from '../pprof/ProfileReader';
import { BASE_LABEL } from './diff';
import {
  type FunctionTotal,
  FunctionTotals,
  GRANULARITIES,
  type Granularity,
} from './FunctionTotals';

export type { Granularity };

export interface TopOptions {
  /** Name of the sample type to sum. Default: the profile's default, else its last. */
  readonly sampleType?: string;
  /**
   * Counts only samples that have all of these labels. `{ rule: 'r1' }` selects one value,
   * `{ rule: ['r1', 'r2'] }` either of two. Default: counts all samples.
   */
  readonly labels?: LabelFilter;
  /**
   * What counts as one function: all functions of one name (`functions`), all of one name in one
   * file (`filefunctions`), or each line (`lines`). Default: `functions`.
   */
  readonly granularity?: Granularity;
}

/** What a function used. `flat` and `cum` are integers in the unit of their {@link Top}. */
export interface TopEntry extends FunctionTotal {
  /** `flat` in percent of the total. 0 when the total is 0. */
  readonly flatPercent: number;
  /** `cum` in percent of the total. 0 when the total is 0. */
  readonly cumPercent: number;
}

/** The functions of a profile, most expensive first. */
export interface Top {
  /** Name of the sample type, such as `cpu`. */
  readonly sampleType: string;
  /** Unit of all values, such as `nanoseconds`. */
  readonly unit: string;
  /**
   * Sum of the absolute values of all samples, including samples that `labels` leaves out. For a
   * `diff`: of all samples of its base. Percentages are of this total.
   */
  readonly total: bigint;
  readonly entries: readonly TopEntry[];
  /** The `labels` of the options. `undefined` when all samples counted. */
  readonly labels: LabelFilter | undefined;
  /** Facts from the header of the profile. A fact that it leaves out is '' or 0. */
  readonly profile: {
    /** Name of the program, without its directory. */
    readonly file: string;
    readonly buildId: string;
    readonly comments: readonly string[];
    /** Start, in nanoseconds since the Unix epoch. */
    readonly timeNanos: number | bigint;
    readonly durationNanos: number | bigint;
  };
}

/**
 * Returns what each function of `profile` used itself (flat) and with all functions that it called
 * (cum). Figures and order are those of `go tool pprof -top`, exact to the last unit. A recursive
 * function counts once per sample. Frames that the profile's `drop_frames` drops do not count.
 *
 * With `labels`, percentages are of the whole profile, as with pprof's `-tagfocus`. For percentages
 * of the selected part, use `top(filterByLabels(profile, labels))`.
 *
 * @throws InvalidOptionError when `profile` is not a profile, for an unknown sample type (the
 * message lists all the profile has), an unknown option or a value that is not allowed; Error when a
 * reference in the profile is broken.
 */
export function top(profile: Profile, options: TopOptions = {}): Top {
  knownKeys('top', options, ['sampleType', 'labels', 'granularity']);
  const { labels } = options;
  const reader = new ProfileReader(profile);
  const keep = labels === undefined ? () => true : matchLabels(reader, labels);
  return topOf(reader, reader.samples.filter(keep), options);
}

/** Returns the {@link Top} of some samples of a profile. @param total See {@link Top}. */
export function topOf(
  reader: ProfileReader,
  samples: readonly Sample[],
  { sampleType, granularity = 'functions', labels }: TopOptions,
  total = totalOf(reader, sampleType),
): Top {
  const { index, type, unit } = findSampleType(reader.header, sampleType);
  const totals = new FunctionTotals(
    reader,
    index,
    oneOf('granularity', granularity, GRANULARITIES),
  );
  for (const sample of samples) totals.add(sample);
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

/** Returns the {@link Top.total} of a profile. @throws InvalidOptionError as {@link top} does. */
export function totalOf(reader: ProfileReader, sampleType?: string): bigint {
  const { index } = findSampleType(reader.header, sampleType);
  const isNegative = reader.samples.some((sample) => reader.values(sample)[index]! < 0n);
  // pprof merges samples with equal stack and labels. That matters when their signs differ.
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
