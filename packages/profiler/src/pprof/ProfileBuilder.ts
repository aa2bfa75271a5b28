import {
  Function as PprofFunction,
  Label,
  Line,
  Location,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { scriptPath } from '../base/scriptPath';
import type { CallNode } from '../model/CallNode';
import type { LabelSet } from '../model/LabelSet';
import { InternTable } from './InternTable';
import { programMapping } from './programMapping';

/** The values of a sample. A value is ignored when the profile does not have its sample type. */
export interface SampleValues {
  readonly count: number;
  readonly wallNanos: number;
  readonly cpuNanos?: number;
}

/**
 * The unit of each sample type, and how to get its value from a sample. The names are Go's. A type
 * called `sample` would break the web page of `go tool pprof` 1.19, whose menu has that id.
 */
const SAMPLE_TYPES = {
  samples: { unit: 'count', valueOf: (sample: SummedSample) => sample.count },
  wall: { unit: 'nanoseconds', valueOf: (sample: SummedSample) => Math.round(sample.wallNanos) },
  cpu: { unit: 'nanoseconds', valueOf: (sample: SummedSample) => Math.round(sample.cpuNanos) },
} as const;

type SampleTypeName = keyof typeof SAMPLE_TYPES;

interface SummedSample {
  readonly stack: readonly number[];
  readonly labels: LabelSet;
  count: number;
  wallNanos: number;
  cpuNanos: number;
}

/** The fields that describe a profile as a whole. */
export interface ProfileHeader {
  /** Since the Unix epoch. */
  readonly startMillis: number;
  readonly durationMillis: number;
  /** Sampling period, in wall time. */
  readonly periodMicros: number;
  /** Path of the program. pprof shows its name as `File`. */
  readonly program: string;
  readonly comments: readonly string[];
}

/**
 * Builds a profile in pprof's format from call nodes. Samples with equal stack and labels are
 * summed.
 */
export class ProfileBuilder {
  private readonly strings = new StringTable();
  private readonly functions = new InternTable<PprofFunction>();
  private readonly locations = new InternTable<Location>();
  private readonly samples = new Map<string, SummedSample>();

  /** @param sampleTypes Sample types of the profile. The last one is its default. */
  constructor(
    private readonly sampleTypes: readonly SampleTypeName[] = ['samples', 'wall', 'cpu'],
  ) {}

  /**
   * Adds `values` to the sample with `stack` and `labels`.
   * @param stack Location ids, leaf first.
   */
  add(stack: readonly number[], labels: LabelSet, values: SampleValues): void {
    const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${stack.join()} ${entries.length === 0 ? '' : JSON.stringify(entries)}`;
    let sample = this.samples.get(key);
    if (sample === undefined) {
      sample = {
        stack,
        labels: Object.fromEntries(entries),
        count: 0,
        wallNanos: 0,
        cpuNanos: 0,
      };
      this.samples.set(key, sample);
    }
    sample.count += values.count;
    sample.wallNanos += values.wallNanos;
    sample.cpuNanos += values.cpuNanos ?? 0;
  }

  /**
   * Returns the id of a location in a function. Equal functions and lines have equal ids.
   *
   * @param runningLine A line of the function, 1-based. Default: the place where the function
   * begins.
   */
  locationOf(node: CallNode, runningLine?: number): number {
    const { lineNumber = 0, columnNumber = 0 } = node;
    const functionKey = keyOf(node);
    const key = runningLine === undefined ? functionKey : `${runningLine} ${functionKey}`;
    return this.locations.intern(key, (id) => {
      const line = new Line({
        functionId: this.functionOf(node, functionKey),
        line: runningLine ?? lineNumber,
        column: runningLine === undefined ? columnNumber : 0,
      });
      return new Location({ id, mappingId: 1, line: [line] });
    });
  }

  /** Returns the profile. */
  build(header: ProfileHeader): Profile {
    const text = (value: string): number => this.strings.dedup(value);
    const type = (name: SampleTypeName): ValueType =>
      new ValueType({ type: text(name), unit: text(SAMPLE_TYPES[name].unit) });
    return new Profile({
      sampleType: this.sampleTypes.map(type),
      defaultSampleType: text(this.sampleTypes.at(-1) ?? ''),
      sample: [...this.samples.values()].map((sample) => this.toSample(sample)),
      mapping: [programMapping(header.program, text)],
      location: this.locations.items,
      function: this.functions.items,
      timeNanos: BigInt(Math.round(header.startMillis)) * 1_000_000n,
      durationNanos: Math.round(header.durationMillis * 1e6),
      // Pyroscope names a profile by its period type, and expects that of Go's CPU profiles.
      periodType: type(this.sampleTypes.includes('cpu') ? 'cpu' : 'wall'),
      period: header.periodMicros * 1000,
      comment: header.comments.map(text),
      stringTable: this.strings,
    });
  }

  private functionOf(node: CallNode, key: string): number {
    const { name, scriptName, lineNumber, columnNumber } = node;
    return this.functions.intern(key, (id) => {
      // The place where it begins, 1-based, tells an anonymous function from its neighbors.
      const shown = name ? name : `(anonymous:L#${lineNumber}:C#${columnNumber})`;
      const nameIndex = this.strings.dedup(shown);
      return new PprofFunction({
        id,
        name: nameIndex,
        systemName: nameIndex,
        filename: this.strings.dedup(scriptPath(scriptName)),
        startLine: lineNumber ?? 0,
      });
    });
  }

  private toSample(sample: SummedSample): Sample {
    return new Sample({
      locationId: [...sample.stack],
      value: this.sampleTypes.map((type) => SAMPLE_TYPES[type].valueOf(sample)),
      label: Object.entries(sample.labels).map(
        ([key, value]) =>
          new Label({ key: this.strings.dedup(key), str: this.strings.dedup(value) }),
      ),
    });
  }
}

/** Returns a key for the function of a node. The length of the name says where the name ends. */
function keyOf({ name = '', scriptName, lineNumber, columnNumber }: CallNode): string {
  return `${lineNumber}:${columnNumber}:${name.length}:${name}${scriptName}`;
}
