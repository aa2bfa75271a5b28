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
import { Pace, type Steps, allAtOnce } from '../base/steps';
import type { CallNode } from '../model/CallNode';
import { FunctionIds } from '../model/FunctionIds';
import type { LabelSet, LabelShare } from '../model/LabelSet';
import { type Labels, LabelTable } from './LabelTable';
import { Stack, locationsOf } from './Stack';
import { divideShared } from './divideShared';
import { programMapping } from './programMapping';

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

/** The sum of all samples with the same stack and labels. */
export interface SummedSample {
  /** Number of the sample in its profile, from 0. */
  readonly index: number;
  readonly stack: SampleStack;
  readonly labels: Labels;
  count: number;
  wallNanos: number;
  cpuNanos: number;
}

export type SampleStack = Stack<SummedSample>;

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
  /** The empty stack. */
  readonly root: SampleStack = new Stack();
  readonly samples: SummedSample[] = [];
  private readonly strings = new StringTable();
  private readonly functionIds = new FunctionIds();
  private readonly functions: PprofFunction[] = [];
  private readonly locations: Location[] = [];
  /** Ids of the locations in each function, by line. */
  private readonly locationIds: Map<number | undefined, number>[] = [];
  private readonly labels: LabelTable;

  /**
   * @param sampleTypes Sample types of the profile. The last one is its default.
   * @param commonLabels Labels of all samples, unless a sample has its own with the same key.
   */
  constructor(
    private readonly sampleTypes: readonly SampleTypeName[] = ['samples', 'wall', 'cpu'],
    commonLabels?: LabelSet,
  ) {
    this.labels = new LabelTable(commonLabels);
  }

  /**
   * Returns the sample with `stack` and `labels`. A new one has only zero values.
   *
   * @param parts Parts that the sample is divided into when the profile is built.
   */
  sampleOf(stack: SampleStack, labels?: LabelSet, parts?: readonly LabelShare[]): SummedSample {
    const known = this.labels.of(labels, parts);
    return stack.sample(known.id, () => {
      // So many parts take as much room as so many stacks.
      if (parts !== undefined) stack.total.count += parts.length;
      const index = this.samples.length;
      const sample = { index, stack, labels: known, count: 0, wallNanos: 0, cpuNanos: 0 };
      this.samples.push(sample);
      return sample;
    });
  }

  /**
   * Returns `caller` with a call of a function on top. Equal functions and lines have equal
   * locations.
   *
   * @param runningLine A line of the function, 1-based. Default: the place where the function
   * begins.
   */
  call(caller: SampleStack, node: CallNode, runningLine?: number): SampleStack {
    const index = this.functionIds.idOf(node);
    if (index === this.functions.length) {
      this.functions.push(this.createFunction(index + 1, node));
      this.locationIds.push(new Map());
    }
    const ids = this.locationIds[index]!;
    let id = ids.get(runningLine);
    if (id === undefined) {
      ids.set(runningLine, (id = this.locations.length + 1));
      const line = new Line({
        functionId: index + 1,
        line: runningLine ?? node.lineNumber ?? 0,
        column: runningLine === undefined ? (node.columnNumber ?? 0) : 0,
      });
      this.locations.push(new Location({ id, mappingId: 1, line: [line] }));
    }
    return caller.call(id);
  }

  /** Returns the profile. */
  build(header: ProfileHeader): Profile {
    return allAtOnce(this.buildInSteps(header));
  }

  /** Does what {@link build} does, in steps. */
  *buildInSteps(header: ProfileHeader): Steps<Profile> {
    const pace = new Pace();
    const samples: Sample[] = [];
    yield* divideShared(this.samples, (stack, labels) => this.sampleOf(stack, labels));
    for (const sample of this.samples) {
      if (sample.labels.parts !== undefined) continue;
      const encoded = this.toSample(sample);
      samples.push(encoded);
      if (pace.worked(encoded.locationId.length + encoded.label.length + 1)) yield;
    }
    const text = (value: string): number => this.strings.dedup(value);
    const type = (name: SampleTypeName): ValueType =>
      new ValueType({ type: text(name), unit: text(SAMPLE_TYPES[name].unit) });
    return new Profile({
      sampleType: this.sampleTypes.map(type),
      defaultSampleType: text(this.sampleTypes.at(-1) ?? ''),
      sample: samples,
      mapping: [programMapping(header.program, text)],
      location: this.locations,
      function: this.functions,
      timeNanos: BigInt(Math.round(header.startMillis)) * 1_000_000n,
      durationNanos: Math.round(header.durationMillis * 1e6),
      // Pyroscope names a profile by its period type, and expects that of Go's CPU profiles.
      periodType: type(this.sampleTypes.includes('cpu') ? 'cpu' : 'wall'),
      period: header.periodMicros * 1000,
      comment: header.comments.map(text),
      stringTable: this.strings,
    });
  }

  private createFunction(id: number, node: CallNode): PprofFunction {
    const { name, scriptName, lineNumber, columnNumber } = node;
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
  }

  private toSample(sample: SummedSample): Sample {
    return new Sample({
      locationId: locationsOf(sample.stack),
      value: this.sampleTypes.map((type) => SAMPLE_TYPES[type].valueOf(sample)),
      label: sample.labels.entries.map(
        ([key, value]) =>
          new Label({ key: this.strings.dedup(key), str: this.strings.dedup(value) }),
      ),
    });
  }
}
