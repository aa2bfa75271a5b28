import type {
  ProfileFunction as Function,
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
} from './Profile';
import { type Numeric, toInt64, toInteger, toNumeric } from './integers';
import { checkProfile } from './checkArguments';
import { type DecodedHeader, decodeHeader } from './DecodedHeader';
import { FrameDropper } from './FrameDropper';

/** A function and a place in it. Text that is unknown is ''. */
export interface Frame {
  readonly name: string;
  readonly systemName: string;
  readonly file: string;
  /** First line of the function, 1-based. 0 when unknown. */
  readonly startLine: Numeric;
  /** 1-based. 0 when unknown. */
  readonly line: Numeric;
  /** 1-based. 0 when unknown. */
  readonly column: Numeric;
}

const NOWHERE: Frame = { name: '', systemName: '', file: '', startLine: 0, line: 0, column: 0 };

/**
 * Follows the references inside a profile. A method throws an Error when a reference is broken. The
 * frames that the profile's `drop_frames` drops do not appear, as in pprof.
 */
export class ProfileReader {
  readonly header: DecodedHeader;
  readonly samples: readonly Sample[];
  readonly mappings: readonly Mapping[];
  /** Whether a location has more than one frame: a function with others inlined into it. */
  readonly hasInlined: boolean;
  private readonly strings: readonly string[];
  private readonly locationsById: ReadonlyMap<Numeric, Location>;
  private readonly functionsById: ReadonlyMap<Numeric, Function>;
  private readonly mappingsById: ReadonlyMap<Numeric, Mapping>;
  private readonly dropper: FrameDropper | undefined;

  /**
   * @param name Name of the argument in the message of an error.
   * @throws InvalidOptionError when `profile` is not a profile, or when its `drop_frames` is not a
   * regular expression.
   */
  constructor(profile: Profile, name = 'profile') {
    checkProfile(name, profile);
    this.samples = profile.sample;
    this.mappings = profile.mapping;
    this.strings = profile.stringTable.strings;
    this.functionsById = byId(profile.function);
    this.mappingsById = byId(profile.mapping);
    this.header = decodeHeader(profile, (index) => this.text(index));
    if (this.header.dropFrames !== '') {
      const nameOf = (line: Line): string => this.frame(line).name;
      this.dropper = new FrameDropper(this.header, profile.location, nameOf);
    }
    this.hasInlined = profile.location.some(({ line }) => line.length > 1);
    this.locationsById = byId(this.dropper?.locations ?? profile.location);
  }

  /** Returns the string with the number `index`. */
  text(index: Numeric): string {
    // String 0 is always ''. An empty profile may leave even that one out.
    return index ? found(this.strings[Number(index)], 'string', index) : '';
  }

  /** Returns the locations of a sample, leaf first. */
  stack(sample: Sample): Location[] {
    const stack = sample.locationId.map((id) =>
      found(this.locationsById.get(toNumeric(id)), 'location', id),
    );
    return this.dropper?.shortenStack(stack) ?? stack;
  }

  /**
   * Returns the frames of a location, at least one. Inlined functions come before their callers.
   */
  frames(location: Location): Frame[] {
    return location.line.length === 0 ? [NOWHERE] : location.line.map((line) => this.frame(line));
  }

  /** Returns the frame of one line of a location. */
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

  /** Returns the mapping, such as the program, that a location lies in. */
  mapping({ mappingId }: Location): Mapping | undefined {
    return mappingId
      ? found(this.mappingsById.get(toNumeric(mappingId)), 'mapping', mappingId)
      : undefined;
  }

  /** Returns the values of a sample, one for each sample type. */
  values(sample: Sample): bigint[] {
    return this.integers(sample).map(BigInt);
  }

  /** Returns the values of a sample like {@link values}, as numbers where that is exact. */
  integers({ value }: Sample): Numeric[] {
    const types = this.header.sampleTypes.length;
    if (value.length !== types) {
      throw new Error(
        `a sample must have ${types} values, one per sample type; got ${value.length}`,
      );
    }
    return value.map(toInteger);
  }

  /**
   * Returns the labels of a sample. As in pprof, a label without text, number and unit is ignored.
   */
  labels(sample: Sample): Label[] {
    return sample.label.filter(({ str, num, numUnit }) => str || num || numUnit);
  }

  /** Returns the values of the label `key` of a sample. A number is given as its decimal digits. */
  labelValues(sample: Sample, key: string): string[] {
    return this.labels(sample)
      .filter((label) => this.text(label.key) === key)
      .map(({ str, num }) => (str ? this.text(str) : String(toInt64(num))));
  }
}

function byId<T extends { id: Numeric }>(items: readonly T[]): Map<Numeric, T> {
  return new Map(items.map((item) => [toNumeric(item.id), item]));
}

function found<T>(item: T | undefined, what: string, id: Numeric): T {
  if (item === undefined)
    throw new Error(`the profile refers to ${what} ${id}, which it does not have`);
  return item;
}
