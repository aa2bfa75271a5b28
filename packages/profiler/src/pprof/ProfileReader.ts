import type {
  ProfileFunction as Function,
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
} from './Profile';
import { type Numeric, toInt64, toNumeric } from './integers';
import type { DecodedHeader, SampleType } from './DecodedHeader';

/** A function, and a place in it. */
export interface Frame {
  readonly name: string;
  readonly systemName: string;
  readonly file: string;
  /** First line of the function; 0 when unknown. */
  readonly startLine: Numeric;
  /** 1-based; 0 when unknown. */
  readonly line: Numeric;
  /** 1-based; 0 when unknown. */
  readonly column: Numeric;
}

const NOWHERE: Frame = { name: '', systemName: '', file: '', startLine: 0, line: 0, column: 0 };

/** Follows the references inside a profile. Its methods throw an Error where one leads nowhere. */
export class ProfileReader {
  readonly header: DecodedHeader;
  readonly samples: readonly Sample[];
  readonly mappings: readonly Mapping[];
  private readonly strings: readonly string[];
  private readonly locationsById: ReadonlyMap<Numeric, Location>;
  private readonly functionsById: ReadonlyMap<Numeric, Function>;
  private readonly mappingsById: ReadonlyMap<Numeric, Mapping>;

  constructor(profile: Profile) {
    this.samples = profile.sample;
    this.mappings = profile.mapping;
    this.strings = profile.stringTable.strings;
    this.locationsById = byId(profile.location);
    this.functionsById = byId(profile.function);
    this.mappingsById = byId(profile.mapping);
    this.header = this.readHeader(profile);
  }

  /** The string with number `index`. */
  text(index: Numeric): string {
    // A profile without a single string is one that nothing was ever added to.
    return index ? found(this.strings[Number(index)], 'string', index) : '';
  }

  /** The locations of a sample, leaf first. */
  stack(sample: Sample): Location[] {
    return sample.locationId.map((id) =>
      found(this.locationsById.get(toNumeric(id)), 'location', id),
    );
  }

  /** The frames of a location, innermost first: more than one where functions were inlined. At least one. */
  frames(location: Location): Frame[] {
    return location.line.length === 0 ? [NOWHERE] : location.line.map((line) => this.frame(line));
  }

  frame({ functionId, line, column }: Line): Frame {
    if (!functionId) return { ...NOWHERE, line, column };
    const source = found(this.functionsById.get(toNumeric(functionId)), 'function', functionId);
    return {
      name: this.text(source.name),
      systemName: this.text(source.systemName),
      file: this.text(source.filename),
      startLine: source.startLine,
      line,
      column,
    };
  }

  mapping({ mappingId }: Location): Mapping | undefined {
    return mappingId
      ? found(this.mappingsById.get(toNumeric(mappingId)), 'mapping', mappingId)
      : undefined;
  }

  /** A sample's values, one of each sample type. */
  values({ value }: Sample): bigint[] {
    const types = this.header.sampleTypes.length;
    if (value.length !== types) {
      throw new Error(
        `the profile has ${types} sample types and a sample with ${value.length} values`,
      );
    }
    return value.map(toInt64);
  }

  /** The labels of a sample. One with neither a string nor a number in it is none, as for pprof. */
  labels(sample: Sample): Label[] {
    return sample.label.filter(({ str, num, numUnit }) => str || num || numUnit);
  }

  /** The values of a sample's label `key`; numbers as their decimal digits. */
  labelValues(sample: Sample, key: string): string[] {
    return this.labels(sample)
      .filter((label) => this.text(label.key) === key)
      .map(({ str, num }) => (str ? this.text(str) : String(toInt64(num))));
  }

  private readHeader(profile: Profile): DecodedHeader {
    const toSampleType = ({ type, unit }: Profile['sampleType'][number]): SampleType => ({
      type: this.text(type),
      unit: this.text(unit),
    });
    const { periodType, period, timeNanos, durationNanos } = profile;
    return {
      sampleTypes: profile.sampleType.map(toSampleType),
      defaultSampleType: this.text(profile.defaultSampleType),
      periodType: periodType === undefined ? { type: '', unit: '' } : toSampleType(periodType),
      period,
      timeNanos,
      durationNanos,
      comments: profile.comment.map((comment) => this.text(comment)),
      dropFrames: this.text(profile.dropFrames),
      keepFrames: this.text(profile.keepFrames),
      docUrl: this.text(profile.docUrl),
    };
  }
}

function byId<T extends { id: Numeric }>(items: readonly T[]): Map<Numeric, T> {
  return new Map(items.map((item) => [toNumeric(item.id), item]));
}

function found<T>(item: T | undefined, what: string, id: Numeric): T {
  if (item === undefined) throw new Error(`the profile refers to ${what} ${id} and has none`);
  return item;
}
