import type { LabelSet } from '../model/LabelSet';
import {
  Function as PprofFunction,
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import type { CallNode } from '../model/CallNode';

/** Values of the sample types; those that a profile does not have are not asked for. */
export interface SampleValues {
  readonly count: number;
  readonly wallNanos: number;
  readonly cpuNanos?: number;
}

/** Sample types, their units and where their values are. */
const SAMPLE_TYPES = {
  sample: { unit: 'count', valueOf: (sample: SummedSample) => sample.count },
  wall: { unit: 'nanoseconds', valueOf: (sample: SummedSample) => Math.round(sample.wallNanos) },
  cpu: { unit: 'nanoseconds', valueOf: (sample: SummedSample) => Math.round(sample.cpuNanos) },
} as const;

export type SampleType = keyof typeof SAMPLE_TYPES;

interface SummedSample {
  readonly stack: readonly number[];
  readonly labels: LabelSet;
  count: number;
  wallNanos: number;
  cpuNanos: number;
}

/** What describes a profile as a whole. */
export interface ProfileHeader {
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly periodMicros: number;
  /** The program, as pprof's "File". */
  readonly program: string;
  readonly comments: readonly string[];
}

/** Puts samples together into a profile in pprof's format, with as many functions, locations and strings as it needs. */
export class ProfileBuilder {
  private readonly strings = new StringTable();
  private readonly functions = new Map<string, PprofFunction>();
  private readonly locations = new Map<string, Location>();
  private readonly samples = new Map<string, SummedSample>();

  /** @param sampleTypes Those of the profile, the default last. */
  constructor(private readonly sampleTypes: readonly SampleType[] = ['sample', 'wall', 'cpu']) {}

  /** Adds to the sample with that stack and those labels. @param stack Location ids, the running function first. */
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
   * Id of a location in a function; the same for the same function and line.
   * @param runningLine The line in it, counted from 1; left out: the place where the function begins.
   */
  locationOf(node: CallNode, runningLine?: number): number {
    const { lineNumber = 0, columnNumber = 0 } = node;
    const functionKey = keyOf(node);
    const key = runningLine === undefined ? functionKey : `${runningLine} ${functionKey}`;
    let location = this.locations.get(key);
    if (location === undefined) {
      const line = new Line({
        functionId: this.functionOf(node, functionKey).id,
        line: runningLine ?? lineNumber,
        column: runningLine === undefined ? columnNumber : 0,
      });
      location = new Location({ id: this.locations.size + 1, mappingId: 1, line: [line] });
      this.locations.set(key, location);
    }
    return Number(location.id);
  }

  build(header: ProfileHeader): Profile {
    const text = (value: string): number => this.strings.dedup(value);
    const type = (name: SampleType): ValueType =>
      new ValueType({ type: text(name), unit: text(SAMPLE_TYPES[name].unit) });
    return new Profile({
      sampleType: this.sampleTypes.map(type),
      defaultSampleType: text(this.sampleTypes.at(-1) ?? ''),
      sample: [...this.samples.values()].map((sample) => this.toSample(sample)),
      mapping: [
        new Mapping({
          id: 1,
          filename: text(header.program),
          hasFunctions: true,
          hasFilenames: true,
          hasLineNumbers: true,
        }),
      ],
      location: [...this.locations.values()],
      function: [...this.functions.values()],
      timeNanos: BigInt(Math.round(header.startMillis)) * 1_000_000n,
      durationNanos: Math.round(header.durationMillis * 1e6),
      periodType: type('wall'),
      period: header.periodMicros * 1000,
      comment: header.comments.map(text),
      stringTable: this.strings,
    });
  }

  private functionOf({ name, scriptName, lineNumber, columnNumber }: CallNode, key: string) {
    let found = this.functions.get(key);
    if (found === undefined) {
      // V8 numbers lines from 1; an anonymous function is told from its neighbours by where it begins.
      const shown = name ? name : `(anonymous:L#${lineNumber}:C#${columnNumber})`;
      const nameIndex = this.strings.dedup(shown);
      found = new PprofFunction({
        id: this.functions.size + 1,
        name: nameIndex,
        systemName: nameIndex,
        filename: this.strings.dedup(pathOf(scriptName)),
        startLine: lineNumber ?? 0,
      });
      this.functions.set(key, found);
    }
    return found;
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

/** Made for every node of a call tree; the length of the name tells where the name ends. */
function keyOf({ name = '', scriptName, lineNumber, columnNumber }: CallNode): string {
  return `${lineNumber}:${columnNumber}:${name.length}:${name}${scriptName}`;
}

/** Modules are known by URL, scripts by path. */
function pathOf(scriptName: string): string {
  return scriptName.startsWith('file://') ? scriptName.slice('file://'.length) : scriptName;
}
